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
    RM_UNIT_TRIGGER    /* an active socket, timer, path or automount that would start `because` again */
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
    bool startable;   /* can be started by hand, and will still exist when it is stopped (transient units do not) */
    RM_UNIQUE_PROCESS main_process; /* zeros: none */
    const char *detail; /* what the manager said of the last job or question, or NULL */
};

int rm_host_unitset_new(struct rm_unitset **ret);
void rm_host_unitset_free(struct rm_unitset *set);

/* name: as RMX_APP.unit, or an alias.  Folded with what is there; *ret_index is valid after rm_host_unitset_resolve. */
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
 * are down.  START of what is up already succeeds.  -ECANCELED and -EINTR: the rest is not reported. */
int rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job job, const uint32_t members[], uint32_t count,
                        const struct rm_wait *wait, rm_unit_done done, void *context);
/* Asks again: is it up, and as which main process (zeros: none)?  -EHOSTUNREACH, -ETIMEDOUT. */
int rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                          RM_UNIQUE_PROCESS *ret_main);
