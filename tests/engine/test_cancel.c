/* SPDX-License-Identifier: MIT
 *
 * RmCancelCurrentTask: another thread's list ends with 1223 and the session
 * goes on.
 */
#include "check.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static DWORD primary, secondary;
static atomic_int lists;
static atomic_bool stop;

static void *list_until_cancelled(void *argument)
{
    (void)argument;
    for (;;) {
        RMX_LIST *list = NULL;
        DWORD code = RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list);

        RmxFreeList(list);
        if (code == ERROR_CANCELLED)
            return NULL;
        CHECK_EQUAL(code, ERROR_SUCCESS);
        lists++;
        if (stop)
            return (void *)1;
    }
}

/* Many lists in a row, and cancellations until one of them hits: no list is ever half an answer. */
static void test_a_list_under_way_is_cancelled(void)
{
    pthread_t thread;
    void *result;

    for (int round = 0; round < 20; round++) {
        int before = lists;

        CHECK_EQUAL(pthread_create(&thread, NULL, list_until_cancelled, NULL), 0);
        while (lists == before) /* it is at it */
            sched_yield();
        while (pthread_tryjoin_np(thread, &result) == EBUSY)
            CHECK_EQUAL(RmCancelCurrentTask(primary), ERROR_SUCCESS);
        CHECK(result == NULL);
    }
}

static void test_nothing_under_way(void) /* ours */
{
    RMX_LIST *list;

    CHECK_EQUAL(RmCancelCurrentTask(primary), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS); /* it is not remembered */
    RmxFreeList(list);
}

static void test_who_may(void)
{
    CHECK_EQUAL(RmCancelCurrentTask(secondary), ERROR_SESSION_CREDENTIAL_CONFLICT); /* ours */
    CHECK_EQUAL(RmCancelCurrentTask(0xFFFFFFFF), ERROR_INVALID_HANDLE);
}

static void on_signal(int number)
{
    (void)number;
}

/* A wait that a signal ends, for callers that ask for it: here the wait for a turn that a list has. */
static void test_a_signal_ends_an_interruptible_wait(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerspec often = {.it_value.tv_nsec = 1000000, .it_interval.tv_nsec = 1000000};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    sigset_t usr1;
    pthread_t thread;
    timer_t timer;
    DWORD code;

    /* Only this thread takes the signal. */
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    CHECK_EQUAL(pthread_sigmask(SIG_BLOCK, &usr1, NULL), 0);
    stop = false;
    CHECK_EQUAL(pthread_create(&thread, NULL, list_until_cancelled, NULL), 0);
    CHECK_EQUAL(pthread_sigmask(SIG_UNBLOCK, &usr1, NULL), 0);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_settime(timer, 0, &often, NULL) == 0);
    do {
        RMX_LIST *list = NULL;

        code = RmxGetList(primary, RMX_INTERRUPTIBLE, RMX_TIMEOUT_DEFAULT, &list);
        RmxFreeList(list);
        CHECK(code == ERROR_SUCCESS || code == ERROR_RETRY);
    } while (code != ERROR_RETRY);
    CHECK(timer_delete(timer) == 0);
    stop = true;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

int main(void)
{
    LPCWSTR files[] = {u"/bin/sleep"};
    WCHAR key[33];

    sandbox_enter("size=1m");
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&secondary, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(primary, 1, files, 0, NULL, 0, NULL), ERROR_SUCCESS);
    RUN(test_a_list_under_way_is_cancelled);
    RUN(test_nothing_under_way);
    RUN(test_who_may);
    RUN(test_a_signal_ends_an_interruptible_wait);
    CHECK_EQUAL(RmEndSession(secondary), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
    return 0;
}
