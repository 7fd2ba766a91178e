/* SPDX-License-Identifier: MIT
 *
 * One shutdown under way, and its two halves.  Both leave in each item what has
 * become of it, also when they fail; rm_stop_leave is for what they did not come
 * to then.
 */
#pragma once

#include "ledger.h"
#include "progress.h"
#include "session.h"
#include "unitset.h"

struct rm_stop {
    struct rm_session *session;
    struct rm_ledger *ledger;
    struct rm_unitset *units;  /* of the plan, or NULL */
    const struct rm_wait *wait;
    struct rm_progress progress;
    uint64_t app_time, service_time; /* ns, or RM_NO_DEADLINE */
    bool force;
    bool missed; /* something is not stopped that should be */
};

/* Ours: so long may what was killed take to be gone. */
#define RM_KILL_TIME UINT64_C(10000000000)

/* -ETIMEDOUT: the call's own time is up; what a journal can fail with; -ECANCELED. */
int rm_stop_programs(struct rm_stop *stop);
int rm_stop_services(struct rm_stop *stop);

/* Is this item of the plan to be stopped, by that means? */
bool rm_stop_wants(const struct rm_item *item, uint32_t action);
/* It has ended, as it was asked to. */
void rm_stop_done(struct rm_stop *stop, struct rm_item *item);
/* It has not.  detail: or NULL. */
void rm_stop_failed(struct rm_stop *stop, struct rm_item *item, uint32_t failure, const char *detail);
/* It was asked to end, and the call was cancelled before it did. */
void rm_stop_broken_off(struct rm_item *item);
/* What nothing was done about so far is left alone. */
void rm_stop_leave(struct rm_stop *stop);
