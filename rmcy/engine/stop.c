/* SPDX-License-Identifier: MIT */
#include "stop.h"

bool rm_stop_wants(const struct rm_item *item, uint32_t action)
{
    return item->due && item->info.action == action;
}

void rm_stop_done(struct rm_stop *stop, struct rm_item *item)
{
    RMX_ITEM *info = &item->info;

    item->due = false;
    info->failure = RMX_FAIL_NONE;
    info->status = (info->status & ~(uint32_t)RmStatusRunning) | RmStatusStopped;
    rm_progress_step(&stop->progress, info);
}

void rm_stop_failed(struct rm_stop *stop, struct rm_item *item, uint32_t failure, const char *detail)
{
    RMX_ITEM *info = &item->info;

    item->due = false;
    stop->missed = true;
    info->failure = failure;
    info->status |= RmStatusErrorOnStop;
    if (detail && rm_item_set_text(&info->detail, detail) < 0) {
        /* The failure says it too. */
    }
    rm_progress_step(&stop->progress, info);
}

void rm_stop_broken_off(struct rm_item *item)
{
    item->due = false;
    item->info.failure = RMX_FAIL_TIMEOUT;
    if (rm_item_set_text(&item->info.detail, "asked to end; cancelled before it had ended") < 0) {
        /* The code of the call says it too. */
    }
}

void rm_stop_leave(struct rm_stop *stop)
{
    struct rm_items *items = &stop->ledger->items;

    for (uint32_t i = 0; i < items->count; i++) {
        struct rm_item *item = items->at[i];

        if (!item->due || item->asked)
            continue;
        rm_ledger_spared(stop->ledger, item);
        item->info.action = RMX_ACTION_NONE;
        item->info.cause = RMX_CAUSE_CANCELLED;
        if (item->holds)
            item->info.flags |= RMX_ITEM_STILL_HOLDS;
    }
}
