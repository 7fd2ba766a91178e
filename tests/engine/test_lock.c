/* SPDX-License-Identifier: MIT
 *
 * The store's lock: whose it is, who comes next, and what forks, kills and a
 * vanishing lock file do to it.
 */
#include "check.h"
#include "lock.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "sandbox.h"
#include "store.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define LOCK "/run/rmcy/lock"
#define FOR_EVER ((struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = -1})
#define AT_ONCE 0

static WCHAR key[33];
static DWORD primary;
static struct rm_lock lock;
static int store_fd;

static void take_lock(void)
{
    store_fd = rm_store_open("/run/rmcy");
    CHECK(store_fd >= 0);
    CHECK_EQUAL(rm_lock_acquire(store_fd, &FOR_EVER, &lock), 0);
}

static void drop_lock(void)
{
    rm_lock_release(&lock);
    close(store_fd);
}

/* In a fresh process, which waits for nobody. */
static DWORD join_at_once(void)
{
    pid_t pid;
    int status;

    SPAWN(pid, {
        DWORD handle;

        _exit((int)(RmxJoinSession(&handle, key, 0, AT_ONCE) & 0xFF));
    });
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return (DWORD)WEXITSTATUS(status);
}

/* How many stand in line, whoever has the lock among them: each has locked one byte for writing. */
static int count_in_line(int fd)
{
    off_t from = 0;
    int n = 0;

    for (;;) {
        struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = from}; /* meets those for writing */

        CHECK(fcntl(fd, F_OFD_GETLK, &l) == 0);
        if (l.l_type == F_UNLCK)
            return n;
        n++;
        from = l.l_start + l.l_len;
    }
}

/* Nothing tells when a process has begun to wait for a lock, so this looks until it has. */
static void await_in_line(int n)
{
    int fd = open(LOCK, O_RDWR | O_CLOEXEC);

    CHECK(fd >= 0);
    while (count_in_line(fd) < n)
        sched_yield();
    close(fd);
}

static pid_t spawn_joiner(void)
{
    pid_t pid;

    SPAWN(pid, {
        DWORD handle;
        DWORD code = RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE);

        _exit((int)(code & 0xFF));
    });
    return pid;
}

static void expect_code(pid_t pid, DWORD code)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), code & 0xFF);
}

static unsigned count_logs(void)
{
    RMX_SESSIONS *sessions;
    unsigned n = 0;

    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    for (unsigned i = 0; i < sessions->count; i++)
        n += sessions->sessions[i].secondaries;
    RmxFreeSessions(sessions);
    return n;
}

static void start(void)
{
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
}

static void end(void)
{
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

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
    RUN(test_a_joiner_between_open_and_lock_notices_that_the_owner_died);
    RUN(test_a_joiner_between_open_and_lock_notices_that_the_slot_was_reused);
    RUN(test_50_joins_are_not_overtaken_by_one_who_starts_and_ends_all_the_time);
    RUN(test_300_joins_are_not_overtaken);
    RUN(test_a_thread_that_gives_up_leaves_its_place_to_the_next);
    return 0;
}
