/* SPDX-License-Identifier: MIT
 *
 * 32 threads work with the store while their process forks, spawns and
 * vforks.  A child can use the library at once: no lock that a thread held is
 * held in it, and none that it takes is the parent's.
 */
#include "check.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"

#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>

#define THREADS 32

static WCHAR shared_key[33];
static atomic_bool stop;
static atomic_int rounds;

static void work(void)
{
    LPCWSTR name = u"/none/x";
    WCHAR key[33];
    DWORD mine, joined, shared;
    RMX_LIST *list;

    CHECK_EQUAL(RmxStartSession(&mine, 0, NULL, RMX_TIMEOUT_NONE, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmxJoinSession(&joined, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmxJoinSession(&shared, shared_key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(joined, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(shared, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(RmxEndSession(shared, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmxEndSession(joined, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmxGetList(mine, RMX_GET_MINE, RMX_TIMEOUT_NONE, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, 1);
    RmxFreeList(list);
    CHECK_EQUAL(RmxEndSession(mine, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
}

static void *work_on(void *unused)
{
    (void)unused;
    while (!stop) {
        work();
        rounds++;
    }
    return NULL;
}

static void fork_one(void)
{
    IN_A_PROCESS(work());
}

static void spawn_one(void)
{
    char program[] = "/bin/true", *arguments[] = {program, NULL}, *environment[] = {NULL};
    pid_t pid;

    CHECK_EQUAL(posix_spawn(&pid, program, NULL, NULL, arguments, environment), 0);
    expect_success(pid);
}

static void vfork_one(void)
{
    pid_t pid = vfork();

    CHECK(pid >= 0);
    if (pid == 0)
        _exit(0); /* while the threads go on in the same memory */
    expect_success(pid);
}

static void test_forks_in_the_middle_of_everything(void)
{
    pthread_t threads[THREADS];
    DWORD primary;
    RMX_LIST *list;
    int done;

    CHECK_EQUAL(RmStartSession(&primary, 0, shared_key), ERROR_SUCCESS);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work_on, NULL) == 0);
    for (int i = 0; i < 60; i++) {
        fork_one();
        spawn_one();
        vfork_one();
    }
    stop = true;
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    done = rounds + 60;
    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_NONE, &list), ERROR_SUCCESS);
    CHECK_EQUAL(list->missing_count, done); /* every round registered one name, and each child */
    RmxFreeList(list);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

int main(void)
{
    sandbox_enter("size=64m");
    RUN(test_forks_in_the_middle_of_everything);
    return 0;
}
