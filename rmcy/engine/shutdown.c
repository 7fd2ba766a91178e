/* SPDX-License-Identifier: MIT */
#include "shutdown.h"

#include "affected.h"
#include "list.h"
#include "plan.h"
#include "stop.h"

#include <errno.h>
#include <stdlib.h>

/* As in the header's description of RmForceShutdown. */
#ifndef APP_TIME_MS
#define APP_TIME_MS 30000u
#endif
#define SERVICE_TIME_MS 20000u

static uint64_t time_of(ULONG ms, ULONG default_ms)
{
    if (ms == RMX_TIMEOUT_NONE)
        return RM_NO_DEADLINE;
    return (uint64_t)(ms == RMX_TIMEOUT_DEFAULT ? default_ms : ms) * 1000000u;
}

/* ---- afterwards: does anybody hold a registered file now? ---- */

static int add_newcomer(struct rm_stop *stop, const RMX_LIST *list, uint32_t row, struct rm_item *known,
                        struct rm_item **ret)
{
    int e;

    /* It was stopped once, and has been back since. */
    if (known && known->past)
        rm_item_renew(known);
    e = rm_affected_add_row(list, row, NULL, &stop->ledger->items, ret);
    if (e >= 0)
        (*ret)->newcomer = true;
    return e;
}

static int look_at(struct rm_stop *stop, const RMX_LIST *list, uint32_t row)
{
    const RM_UNIQUE_PROCESS *process = &list->rows[row].Process;
    struct rm_item *item = rm_affected_find(list, row, &stop->ledger->items);
    RMX_ITEM *info;

    if (!item || item->past || item->newcomer) {
        int e = add_newcomer(stop, list, row, item, &item);

        if (e < 0)
            return e;
    }
    info = &item->info;
    if (list->apps[row].use_count)
        info->flags |= RMX_ITEM_STILL_HOLDS;
    if (item->newcomer && !info->cause)
        info->cause = RMX_CAUSE_NOT_PLANNED;
    stop->missed |= info->cause == RMX_CAUSE_NOT_PLANNED;
    if (!info->action || info->status & RmStatusRunning)
        return 0;
    stop->missed = true;
    info->status |= RmStatusRunning | RmStatusErrorOnStop;
    /* Its manager says that it is down. */
    if (rm_items_find_process(&stop->ledger->items, process) == item) {
        info->failure = RMX_FAIL_TIMEOUT;
        return rm_item_set_text(&info->detail, "it was stopped, and processes of it go on");
    }
    info->flags |= RMX_ITEM_WAS_UP;
    info->failure = RMX_FAIL_MANAGER;
    return rm_item_set_text(&info->detail, "it was stopped, and started again by somebody else");
}

/* That it could not be looked at does not undo what was done: only what ends a call ends it here. */
static int look_again(struct rm_stop *stop)
{
    struct rm_wait wait = rm_wait_within(stop->wait, RM_LIST_TIME);
    RMX_LIST *list = NULL;
    int e = rm_list_get(stop->session, 0, &wait, &list, NULL);

    for (uint32_t i = 0; e >= 0 && i < stop->ledger->items.count; i++)
        stop->ledger->items.at[i]->info.flags &= ~RMX_ITEM_STILL_HOLDS;
    for (uint32_t row = 0; e >= 0 && row < list->app_count; row++)
        e = look_at(stop, list, row);
    free(list);
    if (e == -ETIMEDOUT)
        return rm_wait_check(stop->wait);
    return e == -ECANCELED || e == -ENOMEM ? e : 0;
}

/* ---- the whole ---- */

static bool any(const struct rm_items *items, bool (*is)(const struct rm_item *item))
{
    for (uint32_t i = 0; i < items->count; i++)
        if (!items->at[i]->past && is(items->at[i]))
            return true;
    return false;
}

static bool is_asked(const struct rm_item *item)
{
    return item->asked;
}

static bool is_not_planned(const struct rm_item *item)
{
    return item->info.cause == RMX_CAUSE_NOT_PLANNED;
}

static int carry_out(struct rm_stop *stop)
{
    int e = rm_stop_programs(stop);

    if (e >= 0)
        e = rm_stop_services(stop);
    if (e < 0)
        rm_stop_leave(stop);
    else if (any(&stop->ledger->items, is_asked))
        e = look_again(stop);
    else
        stop->missed |= any(&stop->ledger->items, is_not_planned);
    return e;
}

static uint32_t count_due(const struct rm_items *items)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < items->count; i++)
        n += items->at[i]->due;
    return n;
}

int rm_shutdown(struct rm_session *session, const RMX_SHUTDOWN *how, const struct rm_wait *wait,
                enum rm_outcome *ret)
{
    struct rm_wait acting = *wait;
    struct rm_stop stop = {
        .session = session,
        .wait = &acting,
        .app_time = time_of(how->app_timeout_ms, APP_TIME_MS),
        .service_time = time_of(how->service_timeout_ms, SERVICE_TIME_MS),
        .force = how->flags & RmForceShutdown,
    };
    struct rm_plan plan;
    bool first = !session->ledger;
    int e = first ? rm_ledger_new(&session->ledger) : 0;

    if (e < 0)
        return e;
    stop.ledger = session->ledger;
    stop.progress = rm_progress_begin(how->progress, how->context, RMX_PHASE_SHUTDOWN);
    e = rm_plan_make(session, how->flags, how->only, wait, &plan);
    stop.ledger->flags = plan.flags;
    stop.ledger->reboot_reasons = plan.reboot_reasons;
    stop.progress.total = plan.items.count;
    if (e >= 0)
        e = rm_ledger_take(stop.ledger, &plan.items);
    if (e >= 0 && plan.verdict == RM_ALL_DONE) {
        acting.interruptible = false; /* from here on things change */
        stop.units = plan.units;
        stop.progress.done = stop.progress.total - count_due(&stop.ledger->items);
        e = carry_out(&stop);
    }
    if (e >= 0) {
        *ret = plan.verdict == RM_ALL_DONE && stop.missed ? RM_NOT_ALL_STOPPED : plan.verdict;
        rm_progress_end(&stop.progress);
    }
    rm_plan_done(&plan);
    if (e == -EINTR && first) { /* this call has not been */
        rm_ledger_free(session->ledger);
        session->ledger = NULL;
    }
    return e;
}
