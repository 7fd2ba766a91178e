/* SPDX-License-Identifier: MIT
 *
 * Threads: 32 of them start, join, register, list and end side by side, in
 * sessions of their own and in one that all share, while another process
 * takes the lock again and again and time-outs of every length pass.
 */
#include "check.h"
#include "line.h"
#include "sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define THREADS 32
#define ROUNDS 20

static atomic_int registered, timed_out;

static void use_the_shared_session(unsigned round)
{
    LPCWSTR name = u"/none/x";
    RMX_SESSIONS *sessions;
    DWORD handle, code;

    /* Some wait for the lock for no time or little, and leave their place in line to the next. */
    code = RmxJoinSession(&handle, key, 0, round % 4 ? RMX_TIMEOUT_NONE : round % 3);
    if (code == ERROR_SEM_TIMEOUT) {
        timed_out++;
        return;
    }
    CHECK_EQUAL(code, ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    registered++;
    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_NONE, &sessions), ERROR_SUCCESS);
    RmxFreeSessions(sessions);
    CHECK_EQUAL(RmRegisterResources(primary, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    registered++;
    CHECK_EQUAL(RmxEndSession(handle, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
}

static void use_an_own_session(void)
{
    LPCWSTR name = u"/none/x";
    DWORD mine, joined;
    WCHAR own[33];
    RMX_LIST *list;

    CHECK_EQUAL(RmxStartSession(&mine, 0, NULL, RMX_TIMEOUT_NONE, own), ERROR_SUCCESS);
    CHECK_EQUAL(RmxJoinSession(&joined, own, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(joined, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(mine, RMX_GET_MINE, RMX_TIMEOUT_NONE, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 1);
    RmxFreeList(list);
    /* The primary goes first. */
    CHECK_EQUAL(RmxEndSession(mine, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(joined, 1, &name, 0, NULL, 0, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQUAL(RmxEndSession(joined, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
}

static void *work(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ROUNDS; i++) {
        use_the_shared_session(i);
        use_an_own_session();
    }
    return NULL;
}

static pid_t spawn_rival(void)
{
    int channel[2];
    pid_t pid;

    CHECK(pipe(channel) == 0);
    SPAWN(pid, {
        take_lock();
        report(channel);
        for (;;) {
            drop_lock();
            take_lock();
        }
    });
    await_report(channel);
    return pid;
}

static void test_32_threads_beside_another_process(void)
{
    pthread_t threads[THREADS];
    RMX_LIST *list;
    pid_t rival;

    start();
    rival = spawn_rival();
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(kill(rival, SIGKILL) == 0);
    expect_killed(rival);
    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_NONE, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, registered);
    RmxFreeList(list);
    end();
}

int main(void)
{
    sandbox_enter("size=64m");
    RUN(test_32_threads_beside_another_process);
    printf("%d registered, %d gave up waiting\n", registered, timed_out);
    return 0;
}
