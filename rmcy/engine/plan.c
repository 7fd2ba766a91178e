/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include "affected.h"
#include "host.h"
#include "list.h"
#include "pin.h"
#include "relaunch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is left alone, and why ---- */

static bool is_in_plan(const RMX_ACCOUNT *only, const struct rm_item *item)
{
    for (uint32_t i = 0; i < only->item_count; i++) {
        const RMX_ITEM *planned = &only->items[i];

        if (planned->action == RMX_ACTION_NONE)
            continue;
        if (item->info.unit
                ? planned->unit && planned->manager_uid == item->info.manager_uid && !strcmp(planned->unit, item->info.unit)
                : !planned->unit && rm_process_is_same(&planned->process, &item->info.process))
            return true;
    }
    return false;
}

/* Of a unit that has no row in the list. */
static uint32_t cause_of_unit(const struct rm_session *session, const RMX_ACCOUNT *only, struct rm_item *item)
{
    const struct rm_program program = {
        .process = item->info.process, .unit = item->info.unit, .manager_uid = item->info.manager_uid};
    uint32_t cause;

    item->info.status |= rm_filters_status(&session->filters, &program);
    if (item->info.status & RmStatusShutdownMasked)
        return RMX_CAUSE_MASKED;
    if (rm_critical_has(&session->critical, &program) ||
        rm_host_unit_cause(item->info.unit, item->info.manager_uid, &cause) < 0)
        return RMX_CAUSE_CRITICAL; /* as good as, where that cannot be told */
    if (cause)
        return cause;
    return only && !is_in_plan(only, item) ? RMX_CAUSE_NOT_PLANNED : RMX_CAUSE_NONE;
}

static bool needs_reboot(uint32_t cause)
{
    return cause == RMX_CAUSE_CRITICAL || cause == RMX_CAUSE_SELF || cause == RMX_CAUSE_PERMISSION ||
           cause == RMX_CAUSE_REFUSES || cause == RMX_CAUSE_UNREACHABLE;
}

/* Ours: a unit that refuses, or whose manager is not there, counts as a critical service. */
static uint32_t reason_of(const RMX_ITEM *info)
{
    switch (info->cause) {
    case RMX_CAUSE_PERMISSION:
        return RmRebootReasonPermissionDenied;
    case RMX_CAUSE_REFUSES:
    case RMX_CAUSE_UNREACHABLE:
        return RmRebootReasonCriticalService;
    case RMX_CAUSE_CRITICAL:
        return info->unit ? RmRebootReasonCriticalService : RmRebootReasonCriticalProcess;
    case RMX_CAUSE_SELF:
        return RmRebootReasonDetectedSelf;
    default:
        return 0;
    }
}

/* ---- services ---- */

static bool is_to_be_stopped(const struct rm_item *item)
{
    return item->info.cause == RMX_CAUSE_NONE || item->info.cause == RMX_CAUSE_DEPENDS ||
           item->info.cause == RMX_CAUSE_TRIGGERS;
}

static int find_items(struct rm_plan *plan)
{
    uint32_t count = rm_host_unitset_count(plan->units);

    free(plan->members);
    plan->members = calloc((size_t)count + 1, sizeof *plan->members);
    if (!plan->members)
        return -ENOMEM;
    for (uint32_t i = 0; i < plan->items.count; i++) {
        const RMX_ITEM *info = &plan->items.at[i]->info;
        uint32_t member = info->unit ? rm_host_unitset_find(plan->units, info->unit, info->manager_uid) : UINT32_MAX;

        if (member < count)
            plan->members[member] = plan->items.at[i];
    }
    return 0;
}

/* A set of those services that may be stopped as far as is known. */
static int ask_managers(struct rm_plan *plan, const struct rm_wait *wait)
{
    bool any = false;
    int e = 0;

    rm_host_unitset_free(plan->units);
    plan->units = NULL;
    for (uint32_t i = 0; e >= 0 && i < plan->items.count; i++) {
        const struct rm_item *item = plan->items.at[i];

        if (!item->info.unit || !is_to_be_stopped(item))
            continue;
        if (!any)
            e = rm_host_unitset_new(&plan->units);
        any = true;
        if (e >= 0)
            e = rm_host_unitset_add(plan->units, item->info.unit, item->info.manager_uid);
    }
    if (e >= 0 && any)
        e = rm_host_unitset_resolve(plan->units, wait);
    return e < 0 || !any ? e : find_items(plan);
}

/* The affected unit at the end of a chain of causes. */
static uint32_t root_of(const struct rm_unitset *units, uint32_t member)
{
    uint32_t steps = rm_host_unitset_count(units);

    while (steps-- && rm_host_unitset_at(units, member)->because != UINT32_MAX &&
           rm_host_unitset_at(units, member)->part != RM_UNIT_AFFECTED)
        member = rm_host_unitset_at(units, member)->because;
    return member;
}

static int leave_alone(struct rm_item *item, uint32_t cause, const char *detail)
{
    item->info.cause = cause;
    return detail ? rm_item_set_text(&item->info.detail, detail) : 0;
}

static int add_member(struct rm_plan *plan, uint32_t at, struct rm_item **ret)
{
    const struct rm_unit_member *member = rm_host_unitset_at(plan->units, at);
    struct rm_item *item;
    int e = rm_items_add(&plan->items, &item);

    if (e < 0)
        return e;
    item->part = member->part;
    item->info.type = RmService;
    item->info.manager_uid = member->manager_uid;
    item->info.process = member->main_process;
    e = rm_item_set_text(&item->info.unit, member->name);
    if (e >= 0)
        e = rm_item_set_text(&item->info.name, member->title);
    plan->members[at] = *ret = item;
    return e;
}

/* May this member be stopped?  If what goes down with a unit may not, neither may the unit. */
static int judge(struct rm_plan *plan, const struct rm_session *session, const RMX_ACCOUNT *only, uint32_t at,
                 bool *ret_again)
{
    const struct rm_unit_member *member = rm_host_unitset_at(plan->units, at);
    struct rm_item *item = plan->members[at], *root;
    uint32_t cause = member->cause;
    int e = 0;

    if (!item) {
        e = add_member(plan, at, &item);
        if (e < 0)
            return e;
        item->info.cause = member->part == RM_UNIT_TRIGGER ? RMX_CAUSE_TRIGGERS : RMX_CAUSE_DEPENDS;
        if (!cause)
            cause = cause_of_unit(session, only, item);
    } else if (!is_to_be_stopped(item)) {
        cause = item->info.cause; /* affected itself, and left alone */
    }
    if (!cause)
        return 0;
    if (is_to_be_stopped(item)) {
        e = leave_alone(item, cause, member->detail);
        *ret_again |= member->part != RM_UNIT_TRIGGER;
    }
    root = member->part == RM_UNIT_TRIGGER ? item : plan->members[root_of(plan->units, at)];
    if (e >= 0 && root && root != item && is_to_be_stopped(root)) {
        root->because = item;
        e = leave_alone(root, cause, member->detail);
        *ret_again = true;
    }
    return e;
}

/* Added by an earlier look that had more units to stop. */
static bool is_obsolete(const struct rm_item *item)
{
    return item->info.cause == RMX_CAUSE_DEPENDS || item->info.cause == RMX_CAUSE_TRIGGERS;
}

/* Each time that something turns out to be left alone the managers are asked again without it: what depends on it, and
 * what it depends on, is another question then. */
static int resolve_units(struct rm_plan *plan, const struct rm_session *session, const RMX_ACCOUNT *only,
                         const struct rm_wait *wait)
{
    bool again = true;
    int e = 0;

    while (e >= 0 && again) {
        again = false;
        rm_items_remove(&plan->items, is_obsolete);
        e = ask_managers(plan, wait);
        for (uint32_t i = 0; e >= 0 && plan->units && i < rm_host_unitset_count(plan->units); i++)
            e = judge(plan, session, only, i, &again);
    }
    return e;
}

/* What the managers told of those that they are to stop. */
static void take_members(struct rm_plan *plan)
{
    for (uint32_t i = 0; plan->units && i < rm_host_unitset_count(plan->units); i++) {
        const struct rm_unit_member *member = rm_host_unitset_at(plan->units, i);
        struct rm_item *item = plan->members[i];

        if (!item || !is_to_be_stopped(item))
            continue;
        item->member = i;
        item->info.action = RMX_ACTION_UNIT;
        item->info.back = member->startable ? RMX_BACK_UNIT : RMX_BACK_NO;
        if (member->main_process.dwProcessId)
            item->info.process = member->main_process;
        if (member->part != RM_UNIT_AFFECTED && member->because != UINT32_MAX)
            item->because = plan->members[member->because];
    }
}

/* ---- programs ---- */

static int read_wishes(struct rm_plan *plan)
{
    for (uint32_t i = 0; i < plan->items.count; i++) {
        struct rm_item *item = plan->items.at[i];
        int e;

        if (item->info.unit || !is_to_be_stopped(item))
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
    struct rm_pin **pins = NULL;
    RMX_LIST *list = NULL;
    int e;

    *ret = (struct rm_plan){0};
    e = rm_list_get(session, 0, wait, &list, &pins);
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
        if (is_to_be_stopped(ret->items.at[i]) && !is_in_plan(only, ret->items.at[i]))
            ret->items.at[i]->info.cause = RMX_CAUSE_NOT_PLANNED;
    if (e >= 0)
        e = resolve_units(ret, session, only, wait);
    if (e < 0)
        return e;
    take_members(ret);
    e = read_wishes(ret);
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
