/* SPDX-License-Identifier: MIT
 *
 * The services of one stop: those that are affected, those that go down with
 * them, and what would start them again meanwhile.
 */
#pragma once

#include "restartmanager_ext.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

struct rm_unitset;

enum rm_unit_part {
    RM_UNIT_AFFECTED,
    RM_UNIT_DEPENDENT, /* active, and goes down with `because` */
    RM_UNIT_TRIGGER    /* active: a socket, timer, path or automount (or Upholds=) that would start `because` */
};

/* One unit, once, under its own name (not an alias). */
struct rm_unit_member {
    const char *name;  /* whole */
    const char *title; /* its description, or its name */
    uint32_t manager_uid;
    enum rm_unit_part part;
    uint32_t because; /* index of a member, or UINT32_MAX */
    uint32_t cause;   /* RMX_CAUSE_REFUSES, _PERMISSION, _UNREACHABLE, or _NONE: it can be stopped */
    bool active;      /* before the stop; with oneshot and RemainAfterExit too */
    bool stopping;    /* not active any more, but not down yet: somebody else stops it */
    bool startable;   /* can be started by hand, and will still exist when it is stopped (transient units do not) */
    RM_UNIQUE_PROCESS main_process; /* zeros: none */
    const char *detail; /* what the manager said of the last job or question, or NULL */
};

int rm_host_unitset_new(struct rm_unitset **ret);
void rm_host_unitset_free(struct rm_unitset *set);

/* name: as RMX_APP.unit, or an alias.  Folded with what is there.  There are no members from here until
 * rm_host_unitset_resolve.  -EINVAL: no unit can have that name. */
int rm_host_unitset_add(struct rm_unitset *set, const char *name, uint32_t manager_uid);
/* Asks the managers about what was added, and adds what goes with it.  Members keep their order: affected ones first,
 * as added.  What a manager does not tell is in the member's `cause`; fails only with -ECANCELED, -EINTR, -ENOMEM. */
int rm_host_unitset_resolve(struct rm_unitset *set, const struct rm_wait *wait);

uint32_t rm_host_unitset_count(const struct rm_unitset *set);
const struct rm_unit_member *rm_host_unitset_at(const struct rm_unitset *set, uint32_t index);
/* Which member that name (or alias) is, or UINT32_MAX. */
uint32_t rm_host_unitset_find(const struct rm_unitset *set, const char *name, uint32_t manager_uid);

enum rm_unit_job { RM_UNIT_STOP, RM_UNIT_START, RM_UNIT_KILL };

/* Called as each member is done.  failure: RMX_FAIL_*.  A negative result ends the run. */
typedef int (*rm_unit_done)(void *context, uint32_t index, uint32_t failure);

/* One job for each of these members, all under way at once, each reported once: what is not done at the deadline is
 * RMX_FAIL_TIMEOUT.  The managers know the order among them.  KILL ends their processes at once and reports when they
 * are down.  STOP of what is down or gone, and START of what is up, succeed.  -ECANCELED and -EINTR: the rest is not
 * reported, and the managers go on with it.
 *
 * A trigger belongs into the same run as what it starts, for stops and for starts: it comes first in both.  A socket
 * whose service is up cannot be started, and is of no use to it. */
int rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job job, const uint32_t members[], uint32_t count,
                        const struct rm_wait *wait, rm_unit_done done, void *context);
/* Asks again: is it up, and as which main process (zeros: none, or none that the manager knows)?  A oneshot that ran by
 * a START of this set and left nothing behind is.  -EHOSTUNREACH, -ETIMEDOUT. */
int rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                          RM_UNIQUE_PROCESS *ret_main);
