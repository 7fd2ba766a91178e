/* SPDX-License-Identifier: MIT
 *
 * What a stop would do: a fresh list and the services that go with it, turned
 * into items, each with what is done to it and why.
 */
#pragma once

#include "items.h"
#include "outcome.h"
#include "session.h"
#include "unitset.h"

struct rm_plan {
    struct rm_items items;
    struct rm_unitset *units; /* what is to be stopped by its manager; NULL: nothing is */
    struct rm_item **members; /* the items of these, by index; NULL: it has none yet */
    uint32_t flags;           /* RMX_LIST_COMPLETE of the list */
    uint32_t reboot_reasons;
    enum rm_outcome verdict; /* RM_ALL_DONE: it can go ahead.  Otherwise why nothing is to be stopped at all */
};

/* Within a turn on a primary session.  flags: RM_SHUTDOWN_TYPE, RMX_SHUTDOWN_*.  only: stop nothing that is not in this
 * plan; or NULL.  What a list can fail with, and -EISDIR; *ret is for rm_plan_done in any case. */
int rm_plan_make(struct rm_session *session, DWORD flags, const RMX_ACCOUNT *only, const struct rm_wait *wait,
                 struct rm_plan *ret);
void rm_plan_done(struct rm_plan *plan);
