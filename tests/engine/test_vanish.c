/* SPDX-License-Identifier: MIT
 *
 * A program that forks and lets its parent end, again and again, is always
 * there and never for long.  It holds a file all the while: an answer names it
 * or says that it is incomplete.
 */
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static atomic_bool *stop;

/* Also ends when the test is gone: nobody could catch it. */
static void hop(int ready, pid_t test)
{
    CHECK(open("/run/held", O_RDONLY | O_CLOEXEC) >= 0);
    CHECK(write(ready, "x", 1) == 1);
    while (!*stop && kill(test, 0) == 0)
        if (fork() > 0)
            _exit(0);
    _exit(0);
}

/* So many others that two workers share them: who hops may come to the one from behind the other. */
static void crowd_begin(pid_t pids[], int count)
{
    pid_t test = getpid();

    for (int i = 0; i < count; i++) {
        pids[i] = fork();
        CHECK(pids[i] >= 0);
        if (pids[i] == 0) {
            CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            if (getppid() != test)
                _exit(0);
            for (;;)
                pause();
        }
    }
}

static void crowd_end(const pid_t pids[], int count)
{
    for (int i = 0; i < count; i++)
        CHECK(kill(pids[i], SIGKILL) == 0);
}

static bool is_named_or_missed_knowingly(DWORD session)
{
    bool result = false;
    RMX_LIST *list;

    CHECK_EQUAL(RmxGetList(session, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    if (list->app_count)
        result = true;
    for (UINT i = 0; i < list->skip_count; i++)
        result |= list->skips[i].cause == RMX_SKIP_CHANGING && !(list->flags & RMX_LIST_COMPLETE);
    RmxFreeList(list);
    return result;
}

static void ask_while_somebody_hops(int others)
{
    pid_t pids[100];
    LPCWSTR names[] = {u"/run/held"};
    DWORD session;
    int ready[2];
    pid_t self = getpid();
    char byte;

    CHECK(close(open("/run/held", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0);
    /* Whoever loses its parent becomes ours, and who ends is gone at once. */
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    CHECK_EQUAL(RmxStartSession(&session, RMX_START_PRIVATE, NULL, RMX_TIMEOUT_DEFAULT, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(session, 1, names, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK(pipe(ready) == 0);
    *stop = false;
    crowd_begin(pids, others);
    if (fork() == 0)
        hop(ready[1], self);
    CHECK(read(ready[0], &byte, 1) == 1);
    for (int n = 0; n < 10; n++)
        CHECK(is_named_or_missed_knowingly(session));
    *stop = true;
    crowd_end(pids, others);
    CHECK(wait(NULL) < 0 && errno == ECHILD); /* returns when all have ended */
    CHECK(close(ready[0]) == 0 && close(ready[1]) == 0);
    CHECK_EQUAL(RmEndSession(session), ERROR_SUCCESS);
}

static void test_who_hops_from_process_to_process_is_not_nobody(void)
{
    ask_while_somebody_hops(0);
}

static void test_who_hops_between_two_workers_is_not_nobody(void)
{
    ask_while_somebody_hops(100);
}

int main(void)
{
    sandbox_enter("size=1m");
    stop = mmap(NULL, sizeof *stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(stop != MAP_FAILED);
    RUN(test_who_hops_from_process_to_process_is_not_nobody);
    RUN(test_who_hops_between_two_workers_is_not_nobody);
    return 0;
}
