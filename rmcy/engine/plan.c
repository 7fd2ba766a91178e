/* SPDX-License-Identifier: MIT */
#include "planning.h"

#include "account.h"
#include "affected.h"
#include "list.h"
#include "pin.h"
#include "relaunch.h"

#include <errno.h>
#include <stdlib.h>

/* ---- what is left alone, and why ---- */

static bool needs_reboot(uint32_t cause)
{
    return cause == RMX_CAUSE_CRITICAL || cause == RMX_CAUSE_SELF || cause == RMX_CAUSE_PERMISSION ||
           cause == RMX_CAUSE_REFUSES || cause == RMX_CAUSE_UNREACHABLE;
}

/* What the list has not said already.  Ours: a unit that refuses, or whose manager is not there, counts as a critical
 * service, and so does one below which something critical would go down. */
static uint32_t reason_of(const RMX_ITEM *info)
{
    switch (info->cause) {
    case RMX_CAUSE_PERMISSION:
        return RmRebootReasonPermissionDenied;
    case RMX_CAUSE_REFUSES:
    case RMX_CAUSE_UNREACHABLE:
        return RmRebootReasonCriticalService;
    case RMX_CAUSE_CRITICAL:
    case RMX_CAUSE_SELF:
        return info->unit ? RmRebootReasonCriticalService : RmRebootReasonNone;
    default:
        return 0;
    }
}

bool rm_plan_stops(const struct rm_item *item)
{
    return item->info.cause == RMX_CAUSE_NONE || item->info.cause == RMX_CAUSE_DEPENDS ||
           item->info.cause == RMX_CAUSE_TRIGGERS;
}

/* ---- programs ---- */

static int read_wishes(struct rm_plan *plan)
{
    for (uint32_t i = 0; i < plan->items.count; i++) {
        struct rm_item *item = plan->items.at[i];
        int e;

        if (item->info.unit || !rm_plan_stops(item))
            continue;
        item->info.action = RMX_ACTION_SIGNAL;
        e = item->pin ? rm_host_relaunch_read(item->pin, &item->wish, &item->wish_size) : -ENOENT;
        if (e == -ENOMEM)
            return e;
        item->info.back = e < 0 ? RMX_BACK_NO : RMX_BACK_REGISTERED; /* a wish that cannot be read is none */
    }
    return 0;
}

/* ---- the whole ---- */

static void judge_all(struct rm_plan *plan, DWORD flags)
{
    for (uint32_t i = 0; i < plan->items.count; i++) {
        struct rm_item *item = plan->items.at[i];

        plan->reboot_reasons |= reason_of(&item->info);
        if (item->info.action && item->info.status & RmStatusRestartMasked)
            item->info.back = RMX_BACK_MASKED;
        if (needs_reboot(item->info.cause) && !(flags & RMX_SHUTDOWN_SKIP_CRITICAL))
            plan->verdict = RM_NOTHING_DONE;
    }
    /* Ours: of the two codes for "nothing was stopped" this is the one that speaks of no reboot. */
    for (uint32_t i = 0; flags & RmShutdownOnlyRegistered && i < plan->items.count; i++) {
        RMX_ITEM *info = &plan->items.at[i]->info;

        if (!info->action || info->back != RMX_BACK_NO)
            continue;
        info->cause = RMX_CAUSE_NOT_REGISTERED;
        info->action = RMX_ACTION_NONE;
        if (plan->verdict == RM_ALL_DONE)
            plan->verdict = RM_NOT_ALL_STOPPED;
    }
    for (uint32_t i = 0; plan->verdict != RM_ALL_DONE && i < plan->items.count; i++) {
        RMX_ITEM *info = &plan->items.at[i]->info;

        if (info->action)
            info->cause = RMX_CAUSE_NOTHING_DONE;
        info->action = RMX_ACTION_NONE;
    }
}

int rm_plan_make(struct rm_session *session, DWORD flags, const RMX_ACCOUNT *only, const struct rm_wait *wait,
                 struct rm_plan *ret)
{
    struct rm_wait listing = rm_wait_within(wait, RM_LIST_TIME);
    struct rm_pin **pins = NULL;
    RMX_LIST *list = NULL;
    int e;

    *ret = (struct rm_plan){0};
    e = rm_list_get(session, 0, &listing, &list, &pins);
    if (list) {
        ret->flags = list->flags & RMX_LIST_COMPLETE;
        ret->reboot_reasons = list->reboot_reasons;
    }
    if (e >= 0)
        e = rm_affected_add(list, pins, &ret->items);
    if (list)
        rm_host_pins_free(pins, list->app_count);
    free(list);
    for (uint32_t i = 0; only && i < ret->items.count; i++)
        if (rm_plan_stops(ret->items.at[i]) && !rm_account_includes(only, ret->items.at[i]))
            ret->items.at[i]->info.cause = RMX_CAUSE_NOT_PLANNED;
    if (e >= 0)
        e = rm_plan_services(ret, session, only, wait);
    if (e >= 0)
        e = read_wishes(ret);
    if (e >= 0)
        judge_all(ret, flags);
    return e;
}

void rm_plan_done(struct rm_plan *plan)
{
    rm_items_done(&plan->items);
    rm_host_unitset_free(plan->units);
    free(plan->members);
    *plan = (struct rm_plan){0};
}
