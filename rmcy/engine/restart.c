/* SPDX-License-Identifier: MIT */
#include "restart.h"

#include "affected.h"
#include "bringback.h"
#include "host.h"
#include "ledger.h"
#include "list.h"
#include "pin.h"
#include "progress.h"

#include <errno.h>
#include <stdlib.h>

#define START_TIME UINT64_C(90000000000) /* ours: as long as systemd gives a unit */
#define LINGER_TIME UINT64_C(3000000000) /* ours: what a program gets at least, from being asked to end */

struct restart {
    struct rm_session *session;
    struct rm_ledger *ledger;
    struct rm_progress progress;
    bool *settled; /* by index in pending */
    bool missed, late, started;
};

/* ---- before ---- */

/* Asked to end, and still there: it was not stopped.  One that has ended since then was. */
static bool is_alive(struct rm_item *item)
{
    if (!item->pin)
        return false;
    if (!rm_host_pin_ended(item->pin))
        return true;
    item->info.status = (item->info.status & ~(uint32_t)RmStatusRunning) | RmStatusStopped;
    return false;
}

/* A stop that was broken off has asked programs which have not got round to ending yet.  Taken for spared, they would
 * be gone a moment later and never come back. */
static int linger(const struct restart *r, const struct rm_wait *wait)
{
    struct rm_wait shorter = *wait;
    struct rm_items *items = &r->ledger->items;
    struct rm_pin **pins = calloc((size_t)items->count + 1, sizeof *pins);
    bool *ended = calloc((size_t)items->count + 1, sizeof *ended);
    uint32_t alive = 0;
    uint64_t until = 0;
    int e = pins && ended ? 0 : -ENOMEM;

    for (uint32_t i = 0; e >= 0 && i < items->count; i++) {
        struct rm_item *item = items->at[i];

        if (!item->asked || !item->pin || rm_host_pin_ended(item->pin))
            continue;
        pins[alive++] = item->pin;
        if (until < item->asked_at + LINGER_TIME)
            until = item->asked_at + LINGER_TIME;
    }
    if (shorter.deadline > until)
        shorter.deadline = until;
    for (uint32_t left = alive; e >= 0 && left;) {
        e = rm_host_pins_wait(pins, ended, alive, &shorter);
        left = 0;
        for (uint32_t i = 0; i < alive; i++)
            left += !ended[i];
    }
    free(pins);
    free(ended);
    return e == -ETIMEDOUT ? 0 : e;
}

/* A filter that was added after the shutdown counts too. */
static bool is_masked(const struct rm_session *session, const struct rm_item *item)
{
    const struct rm_program program = {.process = item->info.process,
                                       .exe = item->info.exe,
                                       .exe_identity = {.flags = RM_ID_MISSING},
                                       .unit = item->info.unit,
                                       .manager_uid = item->info.manager_uid};

    return rm_filters_status(&session->filters, &program) & RmStatusRestartMasked;
}

static void prepare(struct restart *r)
{
    for (uint32_t i = r->ledger->pending.count; i-- > 0;) {
        struct rm_entry *entry = &r->ledger->pending.entries[i];
        struct rm_item *item = rm_items_find_entry(&r->ledger->items, entry);

        if (!item)
            continue;
        if (is_alive(item)) {
            rm_ledger_spared(r->ledger, item);
        } else if (is_masked(r->session, item)) {
            entry->back = item->info.back = RMX_BACK_MASKED;
            item->info.status |= RmStatusRestartMasked;
        }
    }
}

/* ---- one by one ---- */

static bool is_up_again(const struct rm_entry *entry, const struct rm_returned *returned)
{
    return !returned->failure && entry->back != RMX_BACK_MASKED && !(returned->flags & RMX_ITEM_SHARED);
}

static int on_done(void *context, uint32_t index, const struct rm_returned *returned)
{
    struct restart *r = context;
    const struct rm_entry *entry = &r->ledger->pending.entries[index];
    struct rm_item *item = rm_items_find_entry(&r->ledger->items, entry);
    RMX_ITEM *info;

    r->settled[index] = !returned->failure || returned->failure == RMX_FAIL_NO_WAY;
    r->missed |= !r->settled[index];
    r->started |= is_up_again(entry, returned);
    r->late |= returned->failure == RMX_FAIL_TIMEOUT;
    if (!item)
        return 0;
    info = &item->info;
    info->now = returned->now;
    info->failure = returned->failure;
    info->flags = (info->flags & RMX_ITEM_FORCED) | returned->flags;
    if (rm_item_set_text(&info->detail, returned->detail) < 0) {
        /* The failure says it too, and what else has been started is still to be told of. */
    }
    if (!r->settled[index])
        info->status |= RmStatusErrorOnRestart;
    else if (is_up_again(entry, returned))
        info->status |= RmStatusRunning | (returned->flags & RMX_ITEM_WAS_UP ? 0 : RmStatusStopped | RmStatusRestarted);
    rm_progress_step(&r->progress, info);
    return 0;
}

/* ---- afterwards ---- */

/* What came back and holds a registered file now, as a list says once more. */
static void look_again(struct restart *r, const struct rm_wait *wait)
{
    struct rm_wait shorter = rm_wait_within(wait, RM_LIST_TIME);
    RMX_LIST *list = NULL;

    if (rm_list_get(r->session, 0, &shorter, &list, NULL) < 0)
        goto out; /* everything is back all the same */
    for (uint32_t row = 0; row < list->app_count; row++) {
        struct rm_item *item = rm_affected_find(list, row, &r->ledger->items);

        if (!item)
            item = rm_items_find_now(&r->ledger->items, &list->rows[row].Process);
        if (item && list->apps[row].use_count)
            item->info.flags |= RMX_ITEM_STILL_HOLDS;
    }
out:
    free(list);
}

static int bring_back(struct restart *r, const struct rm_wait *wait)
{
    struct rm_wait shorter = rm_wait_within(wait, START_TIME);
    uint32_t count = r->ledger->pending.count;
    int e;

    r->settled = calloc((size_t)count + 1, sizeof *r->settled);
    if (!r->settled)
        return -ENOMEM;
    r->progress.total = count;
    e = rm_bringback(&r->ledger->pending, r->ledger->journal, 0, &shorter, on_done, r);
    for (uint32_t i = count; i-- > 0;)
        if (r->settled[i])
            rm_ledger_strike(r->ledger, i);
    free(r->settled);
    if (e >= 0 && r->started)
        look_again(r, wait);
    if (e >= 0 && r->late && rm_wait_check(wait) == -ETIMEDOUT)
        e = -ETIMEDOUT;
    return e;
}

int rm_restart(struct rm_session *session, RMX_PROGRESS progress, void *context, const struct rm_wait *wait,
               enum rm_outcome *ret)
{
    struct restart r = {.session = session, .ledger = session->ledger};
    int e = 0;

    if (!r.ledger) {
        *ret = RM_OUT_OF_SEQUENCE;
        return 0;
    }
    r.progress = rm_progress_begin(progress, context, RMX_PHASE_RESTART);
    if (r.ledger->settled) /* once more: there is nothing to tell */
        for (uint32_t i = 0; i < r.ledger->items.count; i++)
            r.ledger->items.at[i]->past = true;
    e = linger(&r, wait);
    if (e < 0)
        return e;
    prepare(&r);
    if (r.ledger->pending.count)
        e = bring_back(&r, wait);
    if (e < 0)
        return e;
    rm_ledger_settle(r.ledger);
    *ret = r.missed ? RM_NOT_ALL_BACK : RM_ALL_DONE;
    rm_progress_end(&r.progress);
    return 0;
}
