/* SPDX-License-Identifier: MIT
 *
 * Which services a plan stops: the managers tell what goes down with them and
 * what would start them again.
 */
#include "planning.h"

#include "account.h"
#include "host.h"

#include <errno.h>
#include <stdlib.h>

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
    return only && !rm_account_includes(only, item) ? RMX_CAUSE_NOT_PLANNED : RMX_CAUSE_NONE;
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

        if (!item->info.unit || !rm_plan_stops(item))
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
    } else if (!rm_plan_stops(item)) {
        cause = item->info.cause; /* affected itself, and left alone */
    }
    if (!cause)
        return 0;
    if (rm_plan_stops(item)) {
        e = leave_alone(item, cause, member->detail);
        *ret_again |= member->part != RM_UNIT_TRIGGER;
    }
    root = member->part == RM_UNIT_TRIGGER ? item : plan->members[root_of(plan->units, at)];
    if (e >= 0 && root && root != item && rm_plan_stops(root)) {
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
static int resolve(struct rm_plan *plan, const struct rm_session *session, const RMX_ACCOUNT *only,
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

        if (!item || !rm_plan_stops(item))
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

int rm_plan_services(struct rm_plan *plan, const struct rm_session *session, const RMX_ACCOUNT *only,
                     const struct rm_wait *wait)
{
    int e = resolve(plan, session, only, wait);

    if (e >= 0)
        take_members(plan);
    return e;
}
