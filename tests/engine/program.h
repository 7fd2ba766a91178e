/* SPDX-License-Identifier: MIT
 *
 * A program that registers how it comes back, and can be told what to do: the
 * test itself, executed with other arguments.  What is started says what it
 * has become, into the file that RMCY_TOLD names, and then waits to be ended.
 */
#pragma once

#include "for_ever.h"
#include "holder.h"
#include "host.h"
#include "pin.h"
#include "process.h"
#include "relaunch.h"
#include "restartmanager_ext.h"
#include "wish.h"

#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define NOBODY 65534
#define KEPT "/run/rmcy/relaunch" /* where root's programs are registered */

static inline RM_UNIQUE_PROCESS process_of(pid_t pid)
{
    RM_UNIQUE_PROCESS process;
    CHECK_EQUAL(rm_host_process((uint32_t)pid, &process), 0);
    return process;
}

/* What the pinned process wishes; *ret is to be freed. */
static inline int read_wish(pid_t pid, void **ret, size_t *ret_size)
{
    RM_UNIQUE_PROCESS process = process_of(pid);
    struct rm_pin *pin;
    CHECK_EQUAL(rm_host_pin(&process, &pin), 0);
    int r = rm_host_relaunch_read(pin, ret, ret_size);
    rm_host_pin_free(pin);
    return r;
}

static inline int read_result(pid_t pid)
{
    void *wish;
    size_t size;
    int r = read_wish(pid, &wish, &size);
    if (r == 0)
        free(wish);
    return r;
}

/* Registers these arguments, up to a NULL, and nothing else. */
static inline DWORD register_arguments(const char *const *arguments)
{
    RMX_RELAUNCH how = {.size = sizeof(how), .arguments = arguments};
    while (arguments && arguments[how.argument_count])
        how.argument_count++;
    return RmxRegisterApplicationRestart(&how);
}

static inline void register_simply(const char *argument)
{
    CHECK_EQUAL(register_arguments((const char *[]){argument, NULL}), ERROR_SUCCESS);
}

/* In a user namespace of one user there is no other. */
static inline bool has_other_users(void)
{
    int status;
    pid_t pid;
    SPAWN(pid, _exit(setresuid(NOBODY, NOBODY, NOBODY) < 0));
    CHECK(waitpid(pid, &status, 0) == pid);
    return status == 0;
}

/* ---- for holder_start ---- */

static inline DWORD register_one_argument(const char *argument)
{
    return register_arguments((const char *[]){argument, NULL});
}

static inline void hold_registered(const char *argument)
{
    register_simply(argument);
}

static inline void hold_nothing(const char *unused)
{
    (void)unused;
}

static inline struct rm_wish *wish_of(pid_t pid)
{
    struct rm_wish *wish;
    void *data;
    size_t size;
    CHECK_EQUAL(read_wish(pid, &data, &size), 0);
    CHECK_EQUAL(rm_wish_parse(data, size, &wish), 0);
    free(data);
    return wish;
}

static inline void expect_argument(pid_t pid, const char *argument)
{
    struct rm_wish *wish = wish_of(pid);
    CHECK_EQUAL(wish->argument_count, 2);
    CHECK(!strcmp(wish->arguments[1], argument));
    free(wish);
}

static inline void hold_not_for_patches(const char *unused)
{
    RMX_RELAUNCH how = {.size = sizeof(how), .flags = RMX_RELAUNCH_NO_PATCH};
    (void)unused;
    CHECK_EQUAL(RmxRegisterApplicationRestart(&how), ERROR_SUCCESS);
}
