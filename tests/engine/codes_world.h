/* SPDX-License-Identifier: MIT
 *
 * The real conditions behind return codes: a lock that another process holds, a
 * program that does not end, one that cannot be started again, a thread in the
 * middle of a stop.  All children die with the test.
 */
#pragma once

#include "allocations.h"
#include "process.h"
#include "roles.h"
#include "sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#define SHORT_MS 50
#define UNKNOWN_HANDLE 0x7fff1234u
#define UNKNOWN_KEY u"00000000000000000000000000000000"

/* From here on the first allocation fails; for what must not need memory all would. */
static void memory_runs_out(void)
{
    until_failure = 0;
}

static bool memory_was_asked_for(void)
{
    bool asked = until_failure < 0;

    until_failure = -1;
    return asked;
}

/* Another process holds the lock of the store from here on. */
static void lock_is_held(void)
{
    int ready[2];
    pid_t holder;

    CHECK(pipe(ready) == 0);
    SPAWN(holder, {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open("/run/rmcy/lock", O_RDWR | O_CLOEXEC);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        CHECK(fcntl(fd, F_OFD_SETLK, &whole) == 0);
        report(ready);
        for (;;)
            pause();
    });
    await_report(ready);
}

static void store_is_a_file(void)
{
    write_file("/run/rmcy", "");
}

static void store_is_read_only(void)
{
    CHECK(mount(NULL, "/run", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
}

static void store_vanishes(void)
{
    CHECK(rename("/run/rmcy", "/run/aside") == 0);
}

/* A child that waits for signals, registered as a process. */
static pid_t program_is_registered(void (*prepare)(void))
{
    int ready[2];
    pid_t pid;
    RM_UNIQUE_PROCESS process;

    CHECK(pipe(ready) == 0);
    SPAWN(pid, {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prepare();
        report(ready);
        for (;;)
            pause();
    });
    await_report(ready);
    CHECK_EQUAL(RmxGetProcess((DWORD)pid, &process), ERROR_SUCCESS);
    CHECK_EQUAL(RmRegisterResources(primary, 0, NULL, 1, &process, 0, NULL), ERROR_SUCCESS);
    return pid;
}

static void nothing(void)
{
}

static void ignore_term(void)
{
    signal(SIGTERM, SIG_IGN);
}

/* How it is to be started again is registered, and cannot work: no program takes so long a name. */
static void be_lost(void)
{
    const RMX_RELAUNCH how = {.size = sizeof how, .directory = "/run/lost"};

    CHECK(mkdir("/run/lost", 0755) == 0);
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
}

static void comes_back_nowhere(void)
{
    program_is_registered(be_lost);
    CHECK(rmdir("/run/lost") == 0);
}

/* Another thread is stopping what does not want to stop: the session's turn is taken. */
static int under_way[2];
static pthread_t stopper;

static void say_so(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    (void)context, (void)phase, (void)item;
    if (percent == 0)
        report(under_way);
}

static void *stop_for_ever(void *result)
{
    const RMX_SHUTDOWN how = {
        .size = sizeof how, .app_timeout_ms = RMX_TIMEOUT_NONE, .service_timeout_ms = RMX_TIMEOUT_NONE, .progress = say_so};

    *(DWORD *)result = RmxShutdown(primary, &how, RMX_TIMEOUT_NONE, NULL);
    return NULL;
}

static DWORD stopped_with;

static void session_is_busy(void)
{
    program_is_registered(ignore_term);
    CHECK(pipe(under_way) == 0);
    CHECK_EQUAL(pthread_create(&stopper, NULL, stop_for_ever, &stopped_with), 0);
    await_report(under_way);
}

/* What the other thread gets, asked to end from here until it does. */
static DWORD cancelled(void)
{
    while (pthread_tryjoin_np(stopper, NULL) == EBUSY)
        CHECK_EQUAL(RmCancelCurrentTask(primary), ERROR_SUCCESS);
    return stopped_with;
}

static void cancel_at_once(UINT percent)
{
    if (percent == 0)
        CHECK_EQUAL(RmCancelCurrentTask(primary), ERROR_SUCCESS);
}
