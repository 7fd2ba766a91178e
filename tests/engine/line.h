/* SPDX-License-Identifier: MIT
 *
 * The line before the store's lock, as other processes see it, and those who
 * come to stand in it.
 */
#pragma once

#include "check.h"
#include "lock.h"
#include "process.h"
#include "restartmanager_ext.h"
#include "store.h"

#include <fcntl.h>
#include <sched.h>

#define LOCK "/run/rmcy/lock"
#define FOR_EVER ((struct rm_wait){.deadline = RM_NO_DEADLINE, .cancel_fd = -1})
#define AT_ONCE 0

static WCHAR key[33];
static DWORD primary;
static struct rm_lock lock;
static int store_fd;

static inline void take_lock(void)
{
    store_fd = rm_store_open("/run/rmcy");
    CHECK(store_fd >= 0);
    CHECK_EQUAL(rm_lock_acquire(store_fd, &FOR_EVER, &lock), 0);
}

static inline void drop_lock(void)
{
    rm_lock_release(&lock);
    close(store_fd);
}

/* In a fresh process, which waits for nobody. */
static inline DWORD join_at_once(void)
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
static inline int count_in_line(int fd)
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
static inline void await_in_line(int n)
{
    int fd = open(LOCK, O_RDWR | O_CLOEXEC);

    CHECK(fd >= 0);
    while (count_in_line(fd) < n)
        sched_yield();
    close(fd);
}

static inline pid_t spawn_joiner(void)
{
    pid_t pid;

    SPAWN(pid, {
        DWORD handle;
        DWORD code = RmxJoinSession(&handle, key, 0, RMX_TIMEOUT_NONE);

        _exit((int)(code & 0xFF));
    });
    return pid;
}

static inline void expect_code(pid_t pid, DWORD code)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), code & 0xFF);
}

static inline unsigned count_logs(void)
{
    RMX_SESSIONS *sessions;
    unsigned n = 0;

    CHECK_EQUAL(RmxGetSessions(0, RMX_TIMEOUT_DEFAULT, &sessions), ERROR_SUCCESS);
    for (unsigned i = 0; i < sessions->count; i++)
        n += sessions->sessions[i].secondaries;
    RmxFreeSessions(sessions);
    return n;
}

static inline void start(void)
{
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
}

static inline void end(void)
{
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}
