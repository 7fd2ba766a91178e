/* SPDX-License-Identifier: MIT
 *
 * A process is killed at every system call of every operation on the store:
 * the first run at the first stop, the next at the second, ... until the
 * operation comes through.  A stop is the entry of a call, which is then not
 * made, or its exit.  After each kill a fresh process looks at what is left.
 */
#include "check.h"
#include "journal_operations.h"
#include "left_behind.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "small_world.h"
#include "ticket.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#define GET_SYSCALL_INFO 0x420e /* PTRACE_GET_SYSCALL_INFO, which older headers lack */
struct syscall_entry {
    uint8_t op; /* 1: entry */
    uint8_t pad[3];
    uint32_t arch;
    uint64_t instruction, stack;
    uint64_t nr, args[6];
};

#define AT_ONCE 0 /* as a time-out */

static struct {
    bool acknowledged;
    WCHAR key[33];
} *victim;

/* The harness's own session, which lives through the kill. */
static WCHAR key[33];
static DWORD primary;

static DWORD handle;

static void register_names(DWORD session, UINT count)
{
    LPCWSTR names[] = {u"/none/a", u"/none/b", u"/none/c"};

    CHECK_EQUAL(RmRegisterResources(session, count, names, 0, NULL, 0, NULL), ERROR_SUCCESS);
}

static unsigned count_names(DWORD session)
{
    RMX_LIST *list;
    unsigned n;

    CHECK_EQUAL(RmxGetList(session, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    n = list->missing_count;
    RmxFreeList(list);
    return n;
}

/* ---- the operations: what comes before, in the victim; the operation; what it adds to the harness's session ---- */

struct operation {
    const char *name;
    void (*prepare)(void);
    void (*run)(void);
    unsigned before, adds; /* names registered by prepare, and by a run that comes through */
    bool contended;        /* somebody else has the lock first */
    bool alone;            /* there is no store yet, and no session of the harness in it */
    const char *stopped;   /* what the victim's journal says before a run, or NULL: it has none */
    const char *stopped_then; /* and after one that comes through; "": none is left */
};

static void nothing(void)
{
}

static void start(void)
{
    CHECK_EQUAL(RmStartSession(&handle, 0, victim->key), ERROR_SUCCESS);
}

static void join(void)
{
    CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
}

static void join_and_register(void)
{
    join();
    register_names(handle, 1);
}

static void register_three(void)
{
    register_names(handle, 3);
}

static void end(void)
{
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

/* A session with two secondaries: one is there, one has left a log. */
static void start_with_secondaries(void)
{
    DWORD joined;

    start();
    IN_A_PROCESS({
        CHECK_EQUAL(RmJoinSession(&joined, victim->key), ERROR_SUCCESS);
        register_names(joined, 3);
    });
    CHECK_EQUAL(RmJoinSession(&joined, victim->key), ERROR_SUCCESS);
    register_names(joined, 2);
}

static void list(void)
{
    CHECK_EQUAL(count_names(handle), 5);
}

static void sessions(void)
{
    RMX_SESSIONS *all;

    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &all), ERROR_SUCCESS);
    CHECK(all->count >= 2);
    RmxFreeSessions(all);
}

/* What a start has to clear away. */
static void leave_a_dead_session(void)
{
    IN_A_PROCESS(start_with_secondaries());
}

static const struct operation operations[] = {
    {.name = "first start of all", nothing, start, .alone = true},
    {.name = "start", leave_a_dead_session, start},
    {.name = "start, the lock is taken", leave_a_dead_session, start, .contended = true},
    {.name = "join", nothing, join},
    {.name = "join, the lock is taken", nothing, join, .contended = true},
    {.name = "register", join_and_register, register_three, .before = 1, .adds = 3},
    {.name = "register first", join, register_three, .adds = 3},
    {.name = "leave", join, end},
    {.name = "leave what was registered", join_and_register, end, .before = 1},
    {.name = "list", start_with_secondaries, list},
    {.name = "sessions", leave_a_dead_session, sessions},
    {.name = "end", start_with_secondaries, end},
    {.name = "end, the lock is taken", start_with_secondaries, end, .contended = true},
    {.name = "begin a journal", nothing, begin_journal, .stopped = "", .stopped_then = ""},
    {.name = "begin a journal, the lock is taken", nothing, begin_journal, .contended = true, .stopped = "",
     .stopped_then = ""},
    {.name = "write that one is stopped", stop_one, stop_another, .stopped = "a.service",
     .stopped_then = "a.service b.service"},
    {.name = "write that one is back", stop_one, bring_back_one, .stopped = "a.service", .stopped_then = ""},
    {.name = "claim", stop_one, claim_another, .stopped = "a.service", .stopped_then = "a.service"},
    {.name = "unclaim", stop_one, let_go_of_one, .stopped = "a.service", .stopped_then = "a.service"},
    {.name = "adopt", leave_one_behind, adopt_one, .stopped = "a.service", .stopped_then = "a.service"},
    {.name = "adopt, the lock is taken", leave_one_behind, adopt_one, .contended = true, .stopped = "a.service",
     .stopped_then = "a.service"},
    {.name = "end a journal", stop_one, end_journal, .stopped = "a.service", .stopped_then = ""},
    {.name = "abandon a journal", stop_one, abandon_journal, .stopped = "a.service", .stopped_then = "a.service"},
};

/* ---- the kill ---- */

static pid_t hold_lock(int *ret_pipe)
{
    int ready[2], keep[2];
    pid_t holder;

    CHECK(pipe(ready) == 0 && pipe(keep) == 0);
    SPAWN(holder, {
        int fd = open("/run/rmcy/lock", O_RDWR | O_CLOEXEC);
        struct rm_ticket ticket = {0};
        char byte;

        close(keep[1]);
        CHECK(fd >= 0);
        CHECK_EQUAL(rm_ticket_wait(fd, &ticket), 0);
        report(ready);
        CHECK(read(keep[0], &byte, 1) == 0);
    });
    await_report(ready);
    close(ready[0]);
    close(ready[1]);
    close(keep[0]);
    *ret_pipe = keep[1];
    return holder;
}

static bool waits_for_the_lock(pid_t thread)
{
    struct syscall_entry entry = {0};

    CHECK(ptrace(GET_SYSCALL_INFO, thread, sizeof entry, &entry) > 0);
    return entry.op == 1 && entry.nr == SYS_fcntl && entry.args[1] == F_OFD_SETLKW;
}

static pid_t spawn_victim(const struct operation *operation)
{
    pid_t pid;

    SPAWN(pid, {
        operation->prepare();
        CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
        raise(SIGSTOP);
        operation->run();
        victim->acknowledged = true;
    });
    return pid;
}

/* Runs the operation and kills it at its n-th stop; false if it came through before that. */
static bool kill_at(const struct operation *operation, int n)
{
    int status, keep = -1;
    pid_t pid, thread, holder = -1;

    victim->acknowledged = false;
    pid = spawn_victim(operation);
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    CHECK(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE) == 0);
    if (operation->contended)
        holder = hold_lock(&keep);
    CHECK(ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0);
    for (;;) {
        thread = waitpid(-1, &status, __WALL);
        CHECK(thread > 0);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread != pid)
                continue; /* a thread of it, or the holder */
            break;
        }
        if (status >> 8 == (SIGTRAP | 0x80)) {
            if (--n == 0)
                kill(pid, SIGKILL);
            else if (keep >= 0 && waits_for_the_lock(thread)) {
                close(keep);
                keep = -1;
            }
        }
        (void)ptrace(PTRACE_SYSCALL, thread, NULL, NULL);
    }
    CHECK(keep < 0 || WIFSIGNALED(status)); /* it did wait for the lock */
    if (keep >= 0)
        close(keep);
    if (holder > 0)
        (void)waitpid(holder, NULL, 0); /* the loop may have done it */
    if (WIFEXITED(status))
        CHECK_EQUAL(status, 0);
    return WIFSIGNALED(status);
}

/* ---- what is left ---- */

/* Live things only: the lock, and the sessions of living owners. */
static void check_leftovers(unsigned living)
{
    struct dirent *entry;
    unsigned found = 0;
    DIR *dir = opendir("/run/rmcy");

    CHECK(dir);
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "lock"))
            continue;
        CHECK(!strncmp(entry->d_name, "s-", 2));
        found++;
    }
    closedir(dir);
    CHECK_EQUAL(found, living);
}

/* What the dead victim had stopped is there for somebody else, once; and what it had claimed is free. */
static void check_journals(const struct operation *operation)
{
    struct rm_journal *left = adopt();
    const char *says = left ? what_is_stopped(left) : "";
    bool last;

    CHECK(!strcmp(says, operation->stopped_then) || (!strcmp(says, operation->stopped) && !victim->acknowledged));
    CHECK(!adopt());
    if (!left)
        left = new_journal();
    CHECK_EQUAL(rm_host_journal_unclaim(left, "a.service", &for_ever, &last), 0);
    CHECK(last);
    rm_host_journal_end_take(left);
}

/* In a fresh process: everything works, and nobody has to wait. */
static void check_store(unsigned living)
{
    DWORD mine, joined;
    WCHAR mine_key[33];

    if (victim->key[0]) /* its owner is dead, or has ended it */
        CHECK_EQUAL(RmxJoinSession(&joined, victim->key, 0, AT_ONCE), ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(RmxStartSession(&mine, 0, NULL, AT_ONCE, mine_key), ERROR_SUCCESS);
    check_leftovers(living + 1);
    CHECK_EQUAL(RmxJoinSession(&joined, mine_key, 0, AT_ONCE), ERROR_SUCCESS);
    register_names(joined, 3);
    CHECK_EQUAL(count_names(mine), 3);
    CHECK_EQUAL(RmxEndSession(joined, 0, AT_ONCE), ERROR_SUCCESS);
    CHECK_EQUAL(RmxEndSession(mine, 0, AT_ONCE), ERROR_SUCCESS);
    check_leftovers(living);
    if (!living)
        return;
    CHECK_EQUAL(RmxJoinSession(&joined, key, 0, AT_ONCE), ERROR_SUCCESS);
    CHECK_EQUAL(RmxEndSession(joined, 0, AT_ONCE), ERROR_SUCCESS);
}

/* No acknowledged record is missing, and none is there in part. */
static void check_records(const struct operation *operation)
{
    unsigned n = count_names(primary), all = operation->before + operation->adds;

    CHECK(n == all || (n == operation->before && !victim->acknowledged));
}

static void test_killed_at_every_system_call(const struct operation *operation)
{
    int n = 0;
    bool killed;

    do {
        memset(victim, 0, sizeof *victim);
        if (operation->alone)
            sandbox_renew("size=16m");
        else
            CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
        killed = kill_at(operation, ++n);
        if (operation->stopped)
            check_journals(operation);
        IN_A_PROCESS(check_store(!operation->alone));
        if (!operation->alone) {
            check_records(operation);
            CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
        }
        check_leftovers(0);
    } while (killed);
    CHECK(victim->acknowledged);
    printf("%s: killed at %d stops\n", operation->name, n - 1);
    fflush(stdout);
    CHECK(n > 2); /* the end of the process is a system call; killed there it came through */
}

int main(void)
{
    small_world_enter("size=16m");
    victim = shared_memory(sizeof *victim);
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++)
        test_killed_at_every_system_call(&operations[i]);
    return 0;
}
