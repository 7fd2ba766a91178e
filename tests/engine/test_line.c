/* SPDX-License-Identifier: MIT
 *
 * Standing in line for the store's lock: who comes next, and what may have
 * changed when it is one's turn.
 */
#include "check.h"
#include "line.h"
#include "sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/* ---- between the first look and the lock ---- */

static pid_t spawn_primary(void)
{
    int channel[2];
    pid_t pid;

    CHECK(pipe(channel) == 0);
    SPAWN(pid, {
        start();
        CHECK(write(channel[1], key, sizeof key) == sizeof key);
        pause();
    });
    CHECK(read(channel[0], key, sizeof key) == sizeof key);
    close(channel[0]);
    close(channel[1]);
    return pid;
}

static void test_a_joiner_between_open_and_lock_notices_that_the_owner_died(void)
{
    pid_t owner = spawn_primary(), joiner;

    take_lock();
    joiner = spawn_joiner();
    await_in_line(2);
    CHECK(kill(owner, SIGKILL) == 0);
    expect_killed(owner);
    drop_lock();
    expect_code(joiner, ERROR_SESSION_CREDENTIAL_CONFLICT);
}

static void test_a_joiner_between_open_and_lock_notices_that_the_slot_was_reused(void)
{
    pid_t owner = spawn_primary(), starter, joiner;
    int channel[2];

    CHECK(pipe(channel) == 0);
    take_lock();
    SPAWN(starter, {
        WCHAR other[33];
        DWORD handle;

        CHECK_EQUAL(RmxStartSession(&handle, 0, NULL, RMX_TIMEOUT_NONE, other), ERROR_SUCCESS);
        report(channel);
        pause();
    });
    await_in_line(2);
    joiner = spawn_joiner();
    await_in_line(3);
    CHECK(kill(owner, SIGKILL) == 0);
    expect_killed(owner);
    drop_lock();
    await_report(channel);
    expect_code(joiner, ERROR_SESSION_CREDENTIAL_CONFLICT);
    CHECK_EQUAL(count_logs(), 0); /* nothing of it is in the new session */
    CHECK(kill(starter, SIGKILL) == 0);
    expect_killed(starter);
}

/* ---- who comes next ---- */

/* All who stand in line come before whoever comes then, however often that one comes.  Order, not time: each joiner is
 * in line before the next one comes, and makes its log under the lock. */
static void joiners_are_not_overtaken(int count)
{
    pid_t pids[300];

    start();
    take_lock();
    for (int i = 0; i < count; i++) {
        pids[i] = spawn_joiner();
        await_in_line(i + 2);
    }
    drop_lock();
    for (int i = 0; i < 100; i++) {
        WCHAR other[33];
        DWORD handle;

        CHECK_EQUAL(RmStartSession(&handle, 0, other), ERROR_SUCCESS);
        CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
        CHECK_EQUAL(count_logs(), count);
    }
    for (int i = 0; i < count; i++)
        expect_code(pids[i], ERROR_SUCCESS);
    end();
}

static void test_50_joins_are_not_overtaken_by_one_who_starts_and_ends_all_the_time(void)
{
    joiners_are_not_overtaken(50);
}

static void test_300_joins_are_not_overtaken(void)
{
    joiners_are_not_overtaken(300);
}

/* Threads of one process stand in line for the process's turn. */
static atomic_int finished;

static void *join_in_a_thread(void *unused)
{
    DWORD handle;

    (void)unused;
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    finished++;
    return NULL;
}

static void test_a_thread_that_gives_up_leaves_its_place_to_the_next(void)
{
    pthread_t thread;
    DWORD handle;
    int fd;

    start();
    finished = 0;
    IN_A_PROCESS({
        int channel[2];
        pid_t holder;

        CHECK(pipe(channel) == 0);
        SPAWN(holder, {
            take_lock();
            report(channel);
            pause();
        });
        await_report(channel);
        for (int i = 0; i < 20; i++)
            CHECK_EQUAL(RmxJoinSession(&handle, key, 0, AT_ONCE), ERROR_SEM_TIMEOUT);
        await_in_line(2);
        fd = open(LOCK, O_RDWR | O_CLOEXEC);
        CHECK_EQUAL(count_in_line(fd), 2); /* one place for all of them */
        CHECK(pthread_create(&thread, NULL, join_in_a_thread, NULL) == 0);
        CHECK(kill(holder, SIGKILL) == 0);
        expect_killed(holder);
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK_EQUAL(finished, 1);
        CHECK_EQUAL(count_in_line(fd), 0);
    });
    end();
}

/* Of each thread, also of the one that waits for the lock: a small stack has no room for so much. */
static __thread volatile char large[1 << 20];

static void test_one_waits_in_a_program_whose_threads_have_much_of_their_own(void)
{
    int channel[2];
    pid_t holder;
    DWORD handle;

    large[0] = 1;
    start();
    CHECK(pipe(channel) == 0);
    SPAWN(holder, {
        take_lock();
        report(channel);
        pause();
    });
    await_report(channel);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, AT_ONCE), ERROR_SEM_TIMEOUT);
    CHECK(kill(holder, SIGKILL) == 0);
    expect_killed(holder);
    CHECK_EQUAL(RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    end();
}

int main(void)
{
    sandbox_enter("size=16m");
    RUN(test_one_waits_in_a_program_whose_threads_have_much_of_their_own);
    RUN(test_a_joiner_between_open_and_lock_notices_that_the_owner_died);
    RUN(test_a_joiner_between_open_and_lock_notices_that_the_slot_was_reused);
    RUN(test_50_joins_are_not_overtaken_by_one_who_starts_and_ends_all_the_time);
    RUN(test_300_joins_are_not_overtaken);
    RUN(test_a_thread_that_gives_up_leaves_its_place_to_the_next);
    return 0;
}
