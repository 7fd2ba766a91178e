/* SPDX-License-Identifier: MIT
 *
 * Starting a program again, as it wished: by systemd where it is, for it alone
 * can put the program elsewhere than into the control group of whoever
 * patches; and not without it there, if it cannot be reached for now.
 *
 * Who is not root starts his own programs only, with his own service manager;
 * without one, as at a login by other means, as any shell would.
 */
#include "relaunch.h"

#include "lock.h"
#include "marker.h"
#include "settle.h"
#include "spawned.h"
#include "transient.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- without a service manager ---- */

struct start {
    struct rm_marker marker;
    struct rm_lock lock;
};

/* A store that is full, gone or not to be trusted keeps no program from coming back; nobody counts then. */
static bool is_of_the_store(int r)
{
    switch (r) {
    case 0:
    case -EEXIST:
    case -EINVAL:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE:
    case -ETIMEDOUT:
    case -ECANCELED:
    case -EINTR:
        return false;
    default:
        return true;
    }
}

static int mark(void *context, const RM_UNIQUE_PROCESS *process)
{
    struct start *start = context;
    int r = rm_marker_write(&start->marker, process);
    rm_lock_release(&start->lock);
    start->lock.fd = -1;
    return is_of_the_store(r) ? 0 : r;
}

static int mark_nothing(void *context, const RM_UNIQUE_PROCESS *process)
{
    (void)context;
    (void)process;
    return 0;
}

static int start_marked(struct start *start, const struct rm_wish *wish, const struct rm_wait *wait,
                        RM_UNIQUE_PROCESS *ret)
{
    int r = rm_marker_find(&start->marker, ret);
    if (r == 0)
        r = rm_spawn(wish, wait, mark, start, ret);
    if (start->lock.fd >= 0)
        rm_lock_release(&start->lock);
    return r;
}

static int start_alone(const struct rm_wish *wish, const char *unit, const struct rm_wait *wait, RM_UNIQUE_PROCESS *ret)
{
    struct start start = {.lock = {-1}};
    int r = rm_marker_open(unit, &start.marker);
    if (r == 0) {
        r = rm_lock_acquire(start.marker.store, wait, &start.lock);
        bool alone = is_of_the_store(r);
        if (r == 0)
            r = start_marked(&start, wish, wait, ret);
        rm_marker_done(&start.marker);
        if (!alone)
            return r;
    }
    return is_of_the_store(r) ? rm_spawn(wish, wait, mark_nothing, NULL, ret) : r;
}

/* ---- with or without ---- */

static bool has_systemd(void)
{
    struct stat st;
    return stat("/run/systemd/system", &st) == 0;
}

static int start(const struct rm_wish *wish, const char *unit, const struct rm_wait *wait, RM_UNIQUE_PROCESS *ret)
{
    bool root = geteuid() == 0;
    if (!root && (wish->uid != geteuid() || wish->uid != getuid()))
        return -EACCES;
    if (has_systemd() && (root || rm_transient_has_manager(wish->uid)))
        return rm_transient_start(wish, unit, root ? RMX_NO_UID : wish->uid, wait, ret);
    return start_alone(wish, unit, wait, ret);
}

int rm_host_relaunch_start(const void *wish, size_t size, const char *unit, const struct rm_wait *wait,
                           RM_UNIQUE_PROCESS *ret)
{
    struct rm_wish *parsed;
    RM_UNIQUE_PROCESS process = {0};
    bool ended = false;
    int r = rm_wish_parse(wish, size, &parsed);
    if (r < 0)
        return r;
    r = start(parsed, unit, wait, &process);
    free(parsed);
    if (r == 0)
        r = rm_settle(&process, &ended, 1, wait);
    if (ended)
        r = -ECHILD;
    if (r == 0 || r == -EEXIST)
        *ret = process;
    return r;
}
