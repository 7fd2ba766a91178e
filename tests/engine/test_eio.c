/* SPDX-License-Identifier: MIT
 *
 * Each system call that the store makes fails with EIO, one kind at a time.
 * The failure is the kernel's own answer, by a seccomp filter in the process
 * that makes the call: a tmpfs, which is where stores are, cannot be made to
 * fail in another way.  The call must fail, or do all that it says; and the
 * store must be whole for everybody else.
 */
#include "check.h"
#include "left_behind.h"
#include "process.h"
#include "roles.h"
#include "sandbox.h"
#include "status.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static const struct {
    const char *name;
    unsigned nr;
} calls[] = {
    {"openat", SYS_openat},
    {"read", SYS_read},
    {"pread64", SYS_pread64},
    {"write", SYS_write},
    {"pwritev", SYS_pwritev},
    {"ftruncate", SYS_ftruncate},
    {"getdents64", SYS_getdents64},
    {"mkdirat", SYS_mkdirat},
    {"unlinkat", SYS_unlinkat},
#ifdef SYS_mkdir
    {"mkdir", SYS_mkdir},
#endif
#ifdef SYS_renameat
    {"renameat", SYS_renameat},
#endif
    {"renameat2", SYS_renameat2},
#ifdef SYS_newfstatat
    {"newfstatat", SYS_newfstatat},
#endif
#ifdef SYS_fstat
    {"fstat", SYS_fstat},
#endif
    {"statx", SYS_statx},
    {"fstatfs", SYS_fstatfs},
    {"fcntl", SYS_fcntl},
    {"readlinkat", SYS_readlinkat},
#ifdef SYS_readlink
    {"readlink", SYS_readlink},
#endif
    {"getrandom", SYS_getrandom},
    {"eventfd2", SYS_eventfd2},
};

static void let_fail(unsigned nr)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* ---- the operations: what they do before and while a call fails ---- */

static void nothing(void)
{
}

static void join(void)
{
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
}

static DWORD run_start(void)
{
    WCHAR other[33];
    DWORD handle;

    return RmStartSession(&handle, 0, other);
}

static DWORD run_join(void)
{
    return RmJoinSession(&joined, key);
}

static DWORD run_register(void)
{
    return register_one(joined);
}

static DWORD run_leave(void)
{
    return RmEndSession(joined);
}

/* A session of its own with one name, which a list that works has to show. */
static void start_another(void)
{
    start_and_join();
    CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
}

static DWORD run_list(void)
{
    RMX_LIST *list = NULL;
    DWORD code = RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list);

    if (code == ERROR_SUCCESS)
        CHECK(list->missing_count == 1 || !(list->flags & RMX_LIST_COMPLETE));
    RmxFreeList(list);
    return code;
}

static DWORD run_end(void)
{
    return RmEndSession(primary);
}

static DWORD run_sessions(void)
{
    RMX_SESSIONS *sessions;
    DWORD code = RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions);

    if (code == ERROR_SUCCESS) {
        CHECK_EQUAL(sessions->count, 1);
        RmxFreeSessions(sessions);
    }
    return code;
}

static struct rm_journal *journal;

static void stop_one(void)
{
    journal = new_journal();
    write_stop(journal, "a.service");
    CHECK_EQUAL(rm_host_journal_claim(journal, "a.service", &for_ever), 0);
}

static void leave_one_behind(void)
{
    IN_A_PROCESS(stop_one());
}

static DWORD run_journal_new(void)
{
    return rm_status_from_errno(rm_host_journal_new(NULL, &for_ever, &journal));
}

static DWORD run_journal_write(void)
{
    return rm_status_from_errno(try_to_write(journal, RM_ENTRY_STOP, "b.service"));
}

static DWORD run_journal_claim(void)
{
    return rm_status_from_errno(rm_host_journal_claim(journal, "b.service", &for_ever));
}

static DWORD run_journal_unclaim(void)
{
    bool last = false;
    int e = rm_host_journal_unclaim(journal, "a.service", &for_ever, &last);

    CHECK(e < 0 || last);
    return rm_status_from_errno(e);
}

static DWORD run_journal_adopt(void)
{
    /* Without /proc the owner cannot be judged: then there is none to adopt. */
    return rm_status_from_errno(rm_host_journal_adopt(&for_ever, &journal));
}

static const struct {
    const char *name;
    void (*prepare)(void);
    DWORD (*run)(void);
    unsigned adds; /* names, if it succeeds */
    const char *stopped, *stopped_then; /* what the journal says if it fails, and if it succeeds */
} operations[] = {
    {.name = "start", nothing, run_start},
    {.name = "join", nothing, run_join},
    {.name = "register", join, run_register, .adds = 1},
    {.name = "leave", join, run_leave},
    {.name = "list", start_another, run_list},
    {.name = "sessions", nothing, run_sessions},
    {.name = "end", start_another, run_end},
    {"begin a journal", nothing, run_journal_new, 0, "", ""},
    {"write that one is stopped", stop_one, run_journal_write, 0, "a.service", "a.service b.service"},
    {"claim", stop_one, run_journal_claim, 0, "a.service", "a.service"},
    {"unclaim", stop_one, run_journal_unclaim, 0, "a.service", "a.service"},
    {"adopt", leave_one_behind, run_journal_adopt, 0, "a.service", "a.service"},
};

/* The code of the operation in a process in which `nr` fails. */
static DWORD run_without(unsigned operation, unsigned nr)
{
    int status;
    pid_t pid;

    SPAWN(pid, {
        operations[operation].prepare();
        let_fail(nr);
        _exit((int)(operations[operation].run() & 0xFF));
    });
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return (DWORD)WEXITSTATUS(status);
}

static void check_store(void)
{
    IN_A_PROCESS({
        start_and_join();
        CHECK_EQUAL(register_one(joined), ERROR_SUCCESS);
        CHECK_EQUAL(count_names(), 1);
        end_both();
    });
}

/* The process is gone: what it had stopped is there for another, once. */
static void check_journal(const char *stopped)
{
    struct rm_journal *left;

    if (!stopped)
        return;
    left = adopt();
    CHECK(!strcmp(left ? what_is_stopped(left) : "", stopped));
    CHECK(!adopt());
    rm_host_journal_end_take(left);
}

static unsigned test_each_call_fails_in(unsigned operation)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        unsigned names, expected = 0;
        DWORD code;

        start();
        code = run_without(operation, calls[i].nr);
        if (code == ERROR_SUCCESS)
            expected = operations[operation].adds;
        else
            CHECK_EQUAL(code, ERROR_WRITE_FAULT);
        failed += code != ERROR_SUCCESS;
        check_journal(code == ERROR_SUCCESS ? operations[operation].stopped_then : operations[operation].stopped);
        check_store();
        names = count_names();
        CHECK_EQUAL(names, expected);
        CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    }
    return failed;
}

int main(void)
{
    sandbox_enter("size=1m");
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        unsigned failed = test_each_call_fails_in(i);

        printf("%s: refused for %u of %zu calls\n", operations[i].name, failed, sizeof calls / sizeof calls[0]);
        fflush(stdout);
        CHECK(failed > 0 || operations[i].run == run_leave);
    }
    return 0;
}
