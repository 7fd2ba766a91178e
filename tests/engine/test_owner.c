/* SPDX-License-Identifier: MIT
 *
 * Is the owner of a session alive?  To call a living one dead takes a session
 * from under its primary; so what cannot be known is never called dead.
 */
#include "check.h"
#include "owner.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "small_world.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static struct {
    struct rm_owner owner;
    WCHAR key[33];
} *shared;

static enum rm_owner_state state(void)
{
    return rm_owner_state(&shared->owner);
}

/* A process that says who it is and lives until it is killed. */
static pid_t spawn_owner(void)
{
    int channel[2];
    pid_t pid;

    CHECK(pipe(channel) == 0);
    SPAWN(pid, {
        CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
        report(channel);
        pause();
    });
    await_report(channel);
    close(channel[0]);
    close(channel[1]);
    return pid;
}

static void kill_and_reap(pid_t pid)
{
    CHECK(kill(pid, SIGKILL) == 0);
    expect_killed(pid);
}

static void test_a_living_owner_is_alive(void)
{
    pid_t pid;

    CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
    CHECK_EQUAL(state(), RM_OWNER_ALIVE);
    pid = spawn_owner();
    CHECK_EQUAL(shared->owner.pid, pid);
    CHECK_EQUAL(state(), RM_OWNER_ALIVE);
    CHECK(kill(pid, SIGSTOP) == 0 && waitpid(pid, NULL, WUNTRACED) == pid);
    CHECK_EQUAL(state(), RM_OWNER_ALIVE); /* stopped is not dead */
    kill_and_reap(pid);
    CHECK_EQUAL(state(), RM_OWNER_DEAD);
}

static void test_an_owner_of_another_boot_is_dead(void)
{
    CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
    shared->owner.boot[7] ^= 1;
    CHECK_EQUAL(state(), RM_OWNER_DEAD);
    shared->owner.namespace ^= 1; /* wherever it was */
    CHECK_EQUAL(state(), RM_OWNER_DEAD);
}

static void test_a_zombie_is_dead(void)
{
    pid_t pid = spawn_owner();
    siginfo_t info;

    CHECK(kill(pid, SIGKILL) == 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK_EQUAL(state(), RM_OWNER_DEAD);
    expect_killed(pid);
}

static void *stay(void *unused)
{
    (void)unused;
    while (pause() < 0)
        ;
    return NULL;
}

/* The main thread has ended, another one goes on. */
static void test_an_owner_whose_leader_has_exited_is_alive(void)
{
    char path[32], text[64];
    pid_t pid;
    FILE *f;

    SPAWN(pid, {
        pthread_t thread;

        CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
        CHECK(pthread_create(&thread, NULL, stay, NULL) == 0);
        pthread_exit(NULL);
    });
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    do { /* nothing can be waited for that tells of a leader's end */
        sched_yield();
        f = fopen(path, "r");
        CHECK(f && fgets(text, sizeof text, f));
        fclose(f);
    } while (!strstr(text, ") Z"));
    CHECK_EQUAL(state(), RM_OWNER_ALIVE);
    kill_and_reap(pid);
    CHECK_EQUAL(state(), RM_OWNER_DEAD);
}

/* A process with that very pid; its start may still fall into the same tick. */
static pid_t spawn_with_pid(pid_t wanted)
{
    char text[16];
    pid_t pid;

    snprintf(text, sizeof text, "%d", wanted - 1);
    write_file("/proc/sys/kernel/ns_last_pid", text);
    pid = spawn_owner();
    CHECK_EQUAL(pid, wanted);
    return pid;
}

static void test_an_owner_whose_pid_was_recycled_is_dead(void)
{
    struct rm_owner first, again;
    pid_t pid = spawn_owner();

    first = shared->owner;
    do {
        kill_and_reap(pid);
        pid = spawn_with_pid((pid_t)first.pid);
        again = shared->owner;
    } while (again.start == first.start);
    CHECK_EQUAL(rm_owner_state(&first), RM_OWNER_DEAD);
    CHECK_EQUAL(rm_owner_state(&again), RM_OWNER_ALIVE);
    kill_and_reap(pid);
}

/* ---- namespaces ---- */

static unsigned state_in_list(unsigned *ret_count)
{
    RMX_SESSIONS *sessions;
    unsigned result = UINT32_MAX;

    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    if (sessions->count)
        result = sessions->sessions[0].state;
    *ret_count = sessions->count;
    RmxFreeSessions(sessions);
    return result;
}

static void start_and_end(void)
{
    WCHAR key[33];
    DWORD handle;

    CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

static DWORD join_and_leave(void)
{
    DWORD handle, code = RmJoinSession(&handle, shared->key);

    if (code == ERROR_SUCCESS)
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    return code;
}

/* Runs `body` in a child that is in new namespaces; `flags`: of processes or of time, which children enter. */
static pid_t spawn_inside(int flags, void (*body)(void), int channel[2])
{
    pid_t middle, inside;

    CHECK(pipe(channel) == 0);
    SPAWN(middle, {
        if (unshare(flags) < 0)
            _exit(SKIPPED);
        if (flags & CLONE_NEWTIME)
            write_file("/proc/self/timens_offsets", "boottime 100000 0\n");
        SPAWN(inside, {
            CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            body();
            report(channel);
            pause();
        });
        expect_killed(inside);
    });
    return middle;
}

static void start_inside(void)
{
    DWORD handle;

    CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
    CHECK_EQUAL(RmStartSession(&handle, 0, shared->key), ERROR_SUCCESS);
}

static void expect_kept_though(int flags, const char *what)
{
    int channel[2];
    pid_t middle = spawn_inside(flags, start_inside, channel);
    unsigned count;

    close(channel[1]);
    if (read(channel[0], &count, 1) != 1) { /* no such namespaces here */
        int status;

        CHECK(waitpid(middle, &status, 0) == middle && WEXITSTATUS(status) == SKIPPED);
        CHECK(!getenv("CI"));
        printf("skipped: no namespaces of %s\n", what);
        return;
    }
    close(channel[0]);
    CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
    start_and_end(); /* reclaims the dead; this one is not known to be dead */
    CHECK_EQUAL(state_in_list(&count), RMX_SESSION_FOREIGN);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(join_and_leave(), ERROR_SUCCESS);

    CHECK(kill(middle, SIGKILL) == 0);
    expect_killed(middle);
    CHECK_EQUAL(state(), RM_OWNER_FOREIGN); /* nobody here can know */
    start_and_end();
    CHECK_EQUAL(state_in_list(&count), RMX_SESSION_FOREIGN);
    sandbox_renew("size=1m");
}

static void test_an_owner_in_a_foreign_pid_namespace_is_never_reclaimed(void)
{
    expect_kept_though(CLONE_NEWPID, "processes");
}

/* There start times are shown shifted, and a living owner would look like a recycled pid. */
static void test_an_owner_in_a_foreign_time_namespace_is_never_reclaimed(void)
{
    expect_kept_though(CLONE_NEWTIME, "time");
}

static void judge_outside(void)
{
    CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
    start_and_end();
    CHECK_EQUAL(join_and_leave(), ERROR_SUCCESS);
}

static void test_from_inside_a_pid_namespace_the_owner_outside_is_foreign(void)
{
    int channel[2];
    DWORD handle;
    pid_t middle;

    CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
    CHECK_EQUAL(RmStartSession(&handle, 0, shared->key), ERROR_SUCCESS);
    middle = spawn_inside(CLONE_NEWPID, judge_outside, channel);
    await_report(channel);
    CHECK(kill(middle, SIGKILL) == 0);
    expect_killed(middle);
    CHECK_EQUAL(join_and_leave(), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
}

/* /proc is still that of the namespace outside: the numbers in it are those of others. */
static void judge_by_foreign_proc(void)
{
    pid_t pid = spawn_owner();

    CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
    kill_and_reap(pid);
    CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
    start_inside();
    start_and_end();
    CHECK_EQUAL(join_and_leave(), ERROR_SUCCESS);
}

static void test_a_proc_that_numbers_differently_judges_nobody(void)
{
    int channel[2];
    pid_t middle = spawn_inside(CLONE_NEWPID, judge_by_foreign_proc, channel);

    await_report(channel);
    CHECK(kill(middle, SIGKILL) == 0);
    expect_killed(middle);
    sandbox_renew("size=1m");
}

/* Under hidepid a user does not see his own processes either, if they may not be traced. */
static void test_a_hidden_owner_is_not_dead(void)
{
    if (setresuid(-1, 65534, 0) < 0) { /* in a user namespace of one user there is no other */
        CHECK_EQUAL(errno, EINVAL);
        return;
    }
    CHECK(setresuid(0, 0, 0) == 0);
    IN_A_PROCESS({
        pid_t pid;

        CHECK(unshare(CLONE_NEWNS) == 0 && mount("proc", "/proc", "proc", 0, "hidepid=2") == 0);
        CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0); /* group 0 sees all */
        CHECK(setresuid(65534, 65534, 65534) == 0);
        CHECK(prctl(PR_SET_DUMPABLE, 0) == 0); /* may not be traced; its children inherit that */
        pid = spawn_owner();
        CHECK(access("/proc/self/stat", F_OK) == 0);
        CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
        kill_and_reap(pid);
        CHECK_EQUAL(state(), RM_OWNER_DEAD);
    });
}

static void test_without_proc_nobody_is_judged(void)
{
    IN_A_PROCESS({
        struct rm_owner self;
        WCHAR key[33];
        DWORD handle;

        CHECK_EQUAL(rm_owner_self(&shared->owner), 0);
        CHECK(unshare(CLONE_NEWNS) == 0 && mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
        CHECK_EQUAL(state(), RM_OWNER_FOREIGN);
        CHECK_EQUAL(rm_owner_self(&self), -EIO);
        CHECK_EQUAL(RmStartSession(&handle, 0, key), ERROR_WRITE_FAULT);
    });
}

int main(void)
{
    small_world_enter("size=1m");
    shared = shared_memory(sizeof *shared);
    RUN(test_a_living_owner_is_alive);
    RUN(test_an_owner_of_another_boot_is_dead);
    RUN(test_a_zombie_is_dead);
    RUN(test_an_owner_whose_leader_has_exited_is_alive);
    RUN(test_an_owner_whose_pid_was_recycled_is_dead);
    RUN(test_an_owner_in_a_foreign_pid_namespace_is_never_reclaimed);
    RUN(test_an_owner_in_a_foreign_time_namespace_is_never_reclaimed);
    RUN(test_from_inside_a_pid_namespace_the_owner_outside_is_foreign);
    RUN(test_a_proc_that_numbers_differently_judges_nobody);
    RUN(test_a_hidden_owner_is_not_dead);
    RUN(test_without_proc_nobody_is_judged);
    return 0;
}
