/* SPDX-License-Identifier: MIT
 *
 * Each journal that is adopted is read, and what it says is stopped is brought
 * back as a restart would have done.  A journal ends when nothing is left in
 * it; one with failures is let go of, for a later try.  All are adopted before
 * the first is let go of, so none is taken up twice.
 */
#include "recover.h"

#include "account.h"
#include "bringback.h"
#include "host.h"
#include "items.h"
#include "journal.h"
#include "progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_TIME UINT64_C(30000000000) /* ours: as long as a program is given to end when it is stopped */

/* One dead session. */
struct estate {
    struct rm_journal *journal;
    struct rm_stopped stopped;
    struct rm_item **items; /* one for each entry */
    uint32_t settled;       /* entries that are back, or that nobody can bring back */
    struct estate *next;
};

struct recovery {
    struct estate *estates;
    struct rm_items items;
    struct rm_progress progress;
    bool missed, late;
    bool forget; /* what fails is not left for another try */
};

/* ---- what there is ---- */

static void free_estate(struct estate *estate)
{
    if (estate->settled < estate->stopped.count)
        rm_host_journal_abandon_take(estate->journal);
    else
        rm_host_journal_end_take(estate->journal);
    rm_stopped_done(&estate->stopped);
    free(estate->items);
    free(estate);
}

static int read_estate_take(struct rm_journal *journal, struct estate **ret)
{
    struct estate *estate = calloc(1, sizeof *estate);
    int e;

    if (!estate) {
        rm_host_journal_abandon_take(journal);
        return -ENOMEM;
    }
    estate->journal = journal;
    e = rm_host_journal_read(journal, rm_stopped_fold_bytes, &estate->stopped);
    if (e < 0) {
        rm_host_journal_abandon_take(journal);
        rm_stopped_done(&estate->stopped);
        free(estate);
        return e;
    }
    *ret = estate;
    return 0;
}

static int adopt_all(struct recovery *recovery, const struct rm_wait *wait)
{
    struct estate **last = &recovery->estates;

    for (;;) {
        struct rm_journal *journal = NULL;
        int e = rm_host_journal_adopt(wait, &journal);

        if (e < 0 || !journal)
            return e;
        e = read_estate_take(journal, last);
        if (e < 0)
            return e;
        last = &(*last)->next;
    }
}

/* ---- as items ---- */

static int add_item(struct rm_items *items, const struct rm_entry *entry, struct rm_item **ret)
{
    RM_UNIQUE_PROCESS process = entry->process;
    struct rm_item *item;
    RMX_ITEM *info;

    if (rm_items_add(items, &item) < 0)
        return -ENOMEM;
    info = &item->info;
    info->process = process;
    info->action = entry->unit ? RMX_ACTION_UNIT : RMX_ACTION_SIGNAL;
    info->back = entry->back;
    info->status = RmStatusStopped;
    info->type = entry->type;
    info->uid = entry->uid;
    info->manager_uid = entry->manager_uid;
    item->part = entry->part;
    switch (entry->part) {
    case RM_UNIT_DEPENDENT:
        info->cause = RMX_CAUSE_DEPENDS;
        break;
    case RM_UNIT_TRIGGER:
        info->cause = RMX_CAUSE_TRIGGERS;
        break;
    default:
        info->cause = RMX_CAUSE_NONE;
    }
    if (rm_item_set_text(&info->name, entry->name ? entry->name : entry->unit ? entry->unit : "") < 0 ||
        rm_item_set_text(&info->exe, entry->exe) < 0 || rm_item_set_text(&info->unit, entry->unit) < 0 ||
        (process.dwProcessId && rm_item_add_process(item, &process) < 0))
        return -ENOMEM;
    *ret = item;
    return 0;
}

/* What it goes down with, or triggers; within one session, that has the same manager. */
static struct rm_item *because_of(const struct estate *estate, const struct rm_entry *entry)
{
    for (uint32_t i = 0; entry->because && i < estate->stopped.count; i++) {
        const struct rm_entry *other = &estate->stopped.entries[i];

        if (other->unit && other->manager_uid == entry->manager_uid && !strcmp(other->unit, entry->because))
            return estate->items[i];
    }
    return NULL;
}

static int make_items(struct recovery *recovery)
{
    for (struct estate *estate = recovery->estates; estate; estate = estate->next) {
        estate->items = calloc((size_t)estate->stopped.count + 1, sizeof *estate->items);
        if (!estate->items)
            return -ENOMEM;
        for (uint32_t i = 0; i < estate->stopped.count; i++)
            if (add_item(&recovery->items, &estate->stopped.entries[i], &estate->items[i]) < 0)
                return -ENOMEM;
        for (uint32_t i = 0; i < estate->stopped.count; i++)
            estate->items[i]->because = because_of(estate, &estate->stopped.entries[i]);
    }
    return 0;
}

/* ---- back ---- */

struct turn {
    struct recovery *recovery;
    struct estate *estate;
};

static int on_done(void *context, uint32_t index, const struct rm_returned *returned)
{
    struct turn *turn = context;
    struct rm_item *item = turn->estate->items[index];
    bool nobody = returned->failure == RMX_FAIL_NO_WAY;
    RMX_ITEM *info = &item->info;

    turn->estate->settled += !returned->failure || nobody || turn->recovery->forget;
    turn->recovery->missed |= returned->failure != RMX_FAIL_NONE;
    turn->recovery->late |= returned->failure == RMX_FAIL_TIMEOUT;
    info->now = returned->now;
    info->failure = returned->failure;
    info->flags = returned->flags;
    if (rm_item_set_text(&info->detail, returned->detail) < 0)
        return -ENOMEM;
    if (returned->failure && !nobody)
        info->status |= RmStatusErrorOnRestart;
    else if (!nobody && info->back != RMX_BACK_MASKED && !(returned->flags & RMX_ITEM_SHARED))
        info->status |= RmStatusRunning | (returned->flags & RMX_ITEM_WAS_UP ? 0 : RmStatusRestarted);
    rm_progress_step(&turn->recovery->progress, info);
    return 0;
}

static int bring_all_back(struct recovery *recovery, const struct rm_wait *wait)
{
    uint64_t linger = rm_host_now() + LINGER_TIME;
    int e = 0;

    recovery->progress.total = recovery->items.count;
    for (struct estate *estate = recovery->estates; e >= 0 && estate; estate = estate->next) {
        struct turn turn = {.recovery = recovery, .estate = estate};

        e = rm_bringback(&estate->stopped, estate->journal, linger, wait, on_done, &turn);
    }
    if (e >= 0 && recovery->late && rm_wait_check(wait) == -ETIMEDOUT)
        e = -ETIMEDOUT;
    return e;
}

int rm_recover(bool forget, RMX_PROGRESS progress, void *context, const struct rm_wait *wait,
               enum rm_outcome *ret_outcome, RMX_ACCOUNT **ret)
{
    struct recovery recovery = {.progress = rm_progress_begin(progress, context, RMX_PHASE_RECOVER), .forget = forget};
    RMX_ACCOUNT *account = NULL;
    int found, e;

    /* What could not be read does not keep back the rest. */
    found = adopt_all(&recovery, wait);
    e = make_items(&recovery);
    if (e >= 0)
        e = bring_all_back(&recovery, wait);
    while (recovery.estates) {
        struct estate *estate = recovery.estates;

        recovery.estates = estate->next;
        free_estate(estate);
    }
    if (e >= 0 && found < 0)
        e = found;
    if (e != -ENOMEM && rm_account_make(&recovery.items, RMX_PHASE_RECOVER, found < 0 ? 0 : RMX_LIST_COMPLETE,
                                        RmRebootReasonNone, &account) < 0)
        e = -ENOMEM;
    if (e >= 0)
        rm_progress_end(&recovery.progress);
    rm_items_done(&recovery.items);
    *ret = account;
    *ret_outcome = recovery.missed ? RM_NOT_ALL_BACK : RM_ALL_DONE;
    return e;
}
