/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include "host.h"
#include "journal.h"
#include "pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What an item keeps from one shutdown to the next. */
#define HISTORY \
    ((uint32_t)(RmStatusStopped | RmStatusStoppedOther | RmStatusRestarted | RmStatusErrorOnStop | \
                RmStatusErrorOnRestart))

#define STORE_TIME UINT64_C(10000000000) /* as long as the store may take elsewhere */

int rm_ledger_new(struct rm_ledger **ret)
{
    *ret = calloc(1, sizeof **ret);
    return *ret ? 0 : -ENOMEM;
}

void rm_ledger_free(struct rm_ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->journal)
        rm_host_journal_end_take(ledger->journal);
    rm_stopped_done(&ledger->pending);
    rm_items_done(&ledger->items);
    free(ledger);
}

static uint32_t find_pending(const struct rm_ledger *ledger, const struct rm_item *item)
{
    struct rm_entry entry = rm_item_entry(item, RM_ENTRY_STOP);

    for (uint32_t i = 0; i < ledger->pending.count; i++)
        if (rm_entry_is_same(&ledger->pending.entries[i], &entry))
            return i;
    return UINT32_MAX;
}

bool rm_ledger_has(const struct rm_ledger *ledger, const struct rm_item *item)
{
    return find_pending(ledger, item) != UINT32_MAX;
}

/* ---- from one shutdown to the next ---- */

static bool is_forgotten(const struct rm_item *item)
{
    return item->past && !(item->info.status & HISTORY);
}

/* The same service or program at an earlier time; one that was started again is the same. */
static struct rm_item *find_before(const struct rm_ledger *ledger, const struct rm_item *item)
{
    struct rm_entry entry = rm_item_entry(item, RM_ENTRY_STOP);
    struct rm_item *before = rm_items_find_entry(&ledger->items, &entry);

    return before || item->info.unit ? before : rm_items_find_now(&ledger->items, &item->info.process);
}

int rm_ledger_take(struct rm_ledger *ledger, struct rm_items *items)
{
    for (uint32_t i = 0; i < ledger->items.count; i++) {
        ledger->items.at[i]->due = false;
        ledger->items.at[i]->past = !rm_ledger_has(ledger, ledger->items.at[i]);
    }
    for (uint32_t i = 0; i < items->count; i++) {
        struct rm_item *item = items->at[i];
        struct rm_item *before = find_before(ledger, item);

        item->due = item->info.action != RMX_ACTION_NONE;
        if (!item->due && item->holds)
            item->info.flags |= RMX_ITEM_STILL_HOLDS;
        if (!before)
            continue;
        item->info.status |= before->info.status & HISTORY;
        item->asked = before->asked && rm_ledger_has(ledger, before);
        item->asked_at = before->asked_at;
        if (item->asked && !item->info.action)
            item->info.back = before->info.back;
        /* The new one stands for it from here on. */
        before->info.status = 0;
        before->past = true;
    }
    rm_items_remove(&ledger->items, is_forgotten);
    ledger->settled = false;
    return rm_items_move(items, &ledger->items);
}

/* ---- the journal ---- */

static int write_entry(struct rm_ledger *ledger, const struct rm_entry *entry)
{
    size_t size;
    void *data;
    int e = rm_entry_encode(entry, &data, &size);

    if (e < 0)
        return e;
    e = rm_host_journal_write(ledger->journal, data, size);
    free(data);
    return e;
}

static int claim(struct rm_ledger *ledger, const struct rm_item *item, const struct rm_wait *wait)
{
    char name[RM_CLAIM_SIZE];
    int e;

    if (!item->info.unit)
        return 0;
    e = rm_entry_claim(item->info.unit, item->info.manager_uid, name);
    return e < 0 ? e : rm_host_journal_claim(ledger->journal, name, wait);
}

int rm_ledger_stopping(struct rm_ledger *ledger, const struct rm_slot *slot, const struct rm_item *item,
                       const struct rm_wait *wait)
{
    struct rm_entry entry = rm_item_entry(item, RM_ENTRY_STOP);
    /* Whoever has the store's lock for longer does not let go of it. */
    struct rm_wait store = rm_wait_within(wait, STORE_TIME);
    int e = 0;

    entry.order = ledger->pending.count;
    if (!ledger->journal)
        e = rm_host_journal_new(slot, &store, &ledger->journal);
    if (e >= 0)
        e = write_entry(ledger, &entry);
    if (e >= 0)
        e = rm_stopped_fold(&ledger->pending, &entry);
    if (e >= 0)
        e = claim(ledger, item, &store);
    /* One that an earlier call has asked already may come down yet. */
    if (e < 0 && ledger->journal && !item->asked)
        rm_ledger_spared(ledger, item);
    switch (e) {
    case -ETIMEDOUT:
    case -ECANCELED:
    case -EINTR:
    case -ENOMEM:
        return e;
    default:
        return e < 0 ? -EIO : 0;
    }
}

void rm_ledger_spared(struct rm_ledger *ledger, const struct rm_item *item)
{
    struct rm_entry entry = rm_item_entry(item, RM_ENTRY_BACK);
    uint32_t pending = find_pending(ledger, item);
    /* Not the call's, which may be over. */
    struct rm_wait wait = {.deadline = rm_host_now() + STORE_TIME, .cancel_fd = -1};
    char name[RM_CLAIM_SIZE];
    bool last;

    if (pending == UINT32_MAX)
        return;
    /* If this cannot be written a recovery finds it running, and leaves it alone. */
    (void)write_entry(ledger, &entry);
    if (item->info.unit && rm_entry_claim(item->info.unit, item->info.manager_uid, name) == 0)
        (void)rm_host_journal_unclaim(ledger->journal, name, &wait, &last);
    rm_ledger_strike(ledger, pending);
}

void rm_ledger_strike(struct rm_ledger *ledger, uint32_t pending)
{
    struct rm_entry entry = ledger->pending.entries[pending];

    entry.kind = RM_ENTRY_BACK;
    (void)rm_stopped_fold(&ledger->pending, &entry); /* taking out asks for no memory */
}

void rm_ledger_settle(struct rm_ledger *ledger)
{
    if (ledger->pending.count)
        return;
    if (ledger->journal)
        rm_host_journal_end_take(ledger->journal);
    ledger->journal = NULL;
    ledger->settled = true;
    for (uint32_t i = 0; i < ledger->items.count; i++) {
        rm_host_pin_free(ledger->items.at[i]->pin);
        ledger->items.at[i]->pin = NULL;
    }
}

/* ---- for lists ---- */

void rm_ledger_list_begin(struct rm_ledger *ledger, struct rm_answer *answer)
{
    rm_answer_set_history(answer, ledger);
    for (uint32_t i = 0; i < ledger->items.count; i++)
        ledger->items.at[i]->listed = false;
}

static bool is_about(const RMX_ITEM *info, const struct rm_program *program)
{
    if (info->unit)
        return program->unit && info->manager_uid == program->manager_uid && !strcmp(info->unit, program->unit);
    return rm_process_is_same(&info->process, &program->process) ||
           (info->now.dwProcessId && rm_process_is_same(&info->now, &program->process));
}

ULONG rm_ledger_status(struct rm_ledger *ledger, const struct rm_program *program)
{
    ULONG status = 0;

    for (uint32_t i = 0; i < ledger->items.count; i++) {
        struct rm_item *item = ledger->items.at[i];
        const RMX_ITEM *info = &item->info;

        if (!(info->status & HISTORY))
            continue;
        if (!is_about(info, program))
            continue;
        item->listed = true;
        status |= info->status & HISTORY;
    }
    return status;
}

/* Ours: one row for each, with its main process, or the one as which it was started again. */
int rm_ledger_list_end(struct rm_ledger *ledger, struct rm_answer *answer)
{
    int e = 0;

    for (uint32_t i = 0; e >= 0 && i < ledger->items.count; i++) {
        const struct rm_item *item = ledger->items.at[i];
        const RMX_ITEM *info = &item->info;
        struct rm_program program = {
            .process = info->now.dwProcessId ? info->now : info->process,
            .name = info->name,
            .exe = info->exe,
            .unit = info->unit,
            .uid = info->uid,
            .manager_uid = info->manager_uid,
            .type = info->type,
            .status = info->status,
            .ts_session = (DWORD)RM_INVALID_TS_SESSION,
            .restartable = info->back == RMX_BACK_UNIT || info->back == RMX_BACK_REGISTERED,
        };

        if (!item->listed && info->status & (RmStatusStopped | RmStatusStoppedOther))
            e = rm_answer_add_program(answer, &program);
    }
    return e;
}
