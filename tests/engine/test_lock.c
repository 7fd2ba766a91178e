/* SPDX-License-Identifier: MIT
 *
 * The store's lock: whose it is, and what forks, kills and a vanishing lock
 * file do to it.
 */
#include "check.h"
#include "line.h"
#include "sandbox.h"

#include <signal.h>

/* ---- whose it is ---- */

/* As it would drop a POSIX record lock. */
static void test_the_first_close_of_a_same_process_join_does_not_drop_the_lock(void)
{
    start();
    take_lock();
    close(open(LOCK, O_RDWR | O_CLOEXEC));
    CHECK_EQUAL(join_at_once(), ERROR_SEM_TIMEOUT);
    drop_lock();
    CHECK_EQUAL(join_at_once(), ERROR_SUCCESS);
    end();
}

static void test_the_lock_is_released_though_a_forked_child_lives_on(void)
{
    int channel[2];
    pid_t child;

    start();
    CHECK(pipe(channel) == 0);
    take_lock();
    SPAWN(child, {
        report(channel);
        pause();
    });
    await_report(channel);
    CHECK_EQUAL(join_at_once(), ERROR_SEM_TIMEOUT); /* the child's end of it changed nothing */
    drop_lock();
    CHECK_EQUAL(join_at_once(), ERROR_SUCCESS);
    CHECK(kill(child, SIGKILL) == 0);
    expect_killed(child);
    end();
}

static void test_a_killed_owner_of_the_lock_lets_go_though_its_forked_child_lives_on(void)
{
    int channel[2];
    pid_t owner, child;

    start();
    CHECK(pipe(channel) == 0);
    SPAWN(owner, {
        take_lock();
        SPAWN(child, {
            pid_t self = getpid();

            CHECK(write(channel[1], &self, sizeof self) == sizeof self);
            pause();
        });
        pause();
    });
    CHECK(read(channel[0], &child, sizeof child) == sizeof child);
    CHECK_EQUAL(join_at_once(), ERROR_SEM_TIMEOUT);
    CHECK(kill(owner, SIGKILL) == 0);
    expect_killed(owner);
    CHECK_EQUAL(join_at_once(), ERROR_SUCCESS);
    CHECK(kill(child, SIGKILL) == 0);
    end();
}

/* The parent waits for the lock, with a thread; its child has neither. */
static void test_a_child_forked_while_its_parent_waits_does_not_stand_in_line(void)
{
    int channel[2], fd;
    pid_t parent, child;
    DWORD handle;

    start();
    CHECK(pipe(channel) == 0);
    take_lock();
    SPAWN(parent, {
        CHECK_EQUAL(RmxJoinSession(&handle, key, 0, AT_ONCE), ERROR_SEM_TIMEOUT); /* its thread stays in line */
        SPAWN(child, {
            pid_t self = getpid();

            CHECK(write(channel[1], &self, sizeof self) == sizeof self);
            pause();
        });
        pause();
    });
    CHECK(read(channel[0], &child, sizeof child) == sizeof child);
    await_in_line(2);
    CHECK(kill(parent, SIGKILL) == 0);
    expect_killed(parent);
    fd = open(LOCK, O_RDWR | O_CLOEXEC);
    /* Our own and the probe's: nobody else, though the child lives. */
    CHECK_EQUAL(count_in_line(fd), 1);
    close(fd);
    drop_lock();
    CHECK_EQUAL(join_at_once(), ERROR_SUCCESS);
    CHECK(kill(child, SIGKILL) == 0);
    end();
}

static void test_a_forked_childs_joins_make_a_log_of_its_own(void)
{
    LPCWSTR name = u"/none/x";
    DWORD handle, again;

    start();
    CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
    CHECK_EQUAL(RmJoinSession(&again, key), ERROR_SUCCESS);
    CHECK_EQUAL(count_logs(), 1);
    IN_A_PROCESS({
        CHECK_EQUAL(RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL), ERROR_INVALID_HANDLE);
        CHECK_EQUAL(RmJoinSession(&handle, key), ERROR_SUCCESS);
        CHECK_EQUAL(count_logs(), 2);
        CHECK_EQUAL(RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    });
    CHECK_EQUAL(RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL), ERROR_SUCCESS);
    CHECK_EQUAL(count_logs(), 2);
    CHECK_EQUAL(RmEndSession(handle), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(again), ERROR_SUCCESS);
    end();
}

/* ---- the lock file goes while it is held ---- */

static void test_a_lock_file_that_is_unlinked_while_held_is_noticed(void)
{
    pid_t joiner;

    start();
    take_lock();
    joiner = spawn_joiner();
    await_in_line(2);
    CHECK(unlink(LOCK) == 0);
    drop_lock();
    expect_code(joiner, ERROR_SUCCESS);
    CHECK(access(LOCK, F_OK) == 0); /* a new one, which all use */
    CHECK_EQUAL(count_logs(), 1);
    end();
}

static void test_a_lock_file_that_is_replaced_while_held_is_noticed(void)
{
    pid_t joiner;
    int fd, other;

    start();
    take_lock();
    joiner = spawn_joiner();
    await_in_line(2);
    /* The new file is locked by somebody else: the joiner must wait for that one too. */
    other = open("/run/rmcy/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(other >= 0 && fcntl(other, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK, .l_len = 1}) == 0);
    CHECK(rename("/run/rmcy/new", LOCK) == 0);
    drop_lock();
    await_in_line(2);
    CHECK_EQUAL(count_logs(), 0);
    close(other);
    expect_code(joiner, ERROR_SUCCESS);
    fd = open(LOCK, O_RDWR | O_CLOEXEC);
    CHECK_EQUAL(count_in_line(fd), 0);
    close(fd);
    end();
}

int main(void)
{
    sandbox_enter("size=16m");
    RUN(test_the_first_close_of_a_same_process_join_does_not_drop_the_lock);
    RUN(test_the_lock_is_released_though_a_forked_child_lives_on);
    RUN(test_a_killed_owner_of_the_lock_lets_go_though_its_forked_child_lives_on);
    RUN(test_a_child_forked_while_its_parent_waits_does_not_stand_in_line);
    RUN(test_a_forked_childs_joins_make_a_log_of_its_own);
    RUN(test_a_lock_file_that_is_unlinked_while_held_is_noticed);
    RUN(test_a_lock_file_that_is_replaced_while_held_is_noticed);
    return 0;
}
