/* SPDX-License-Identifier: MIT
 *
 * What a session's shutdowns have done: from the first one on it says what was
 * stopped and is not back, in memory and in the journal, and keeps for lists
 * what became of each program.  Under the session's queue.
 */
#pragma once

#include "answer.h"
#include "items.h"
#include "wait.h"

struct rm_journal;
struct rm_slot;

struct rm_ledger {
    struct rm_items items;     /* of the last shutdown, and all that is stopped; others are `past` */
    struct rm_stopped pending; /* stopped and not back, in the order of stopping */
    struct rm_journal *journal; /* NULL: nothing is stopped */
    uint32_t flags;            /* RMX_LIST_COMPLETE of the last list */
    uint32_t reboot_reasons;
    bool settled; /* all came back, or stay as they are by decision */
};

int rm_ledger_new(struct rm_ledger **ret);
/* What is stopped stays so, by the caller's decision: the journal ends. */
void rm_ledger_free(struct rm_ledger *ledger);

/* Takes over the items of a new plan: what became of the same services and programs before is added to them, and others
 * that are not pending become the past.  -ENOMEM. */
int rm_ledger_take(struct rm_ledger *ledger, struct rm_items *items);
/* Is about to be stopped: first written down where it survives, and a unit is claimed.  After a failure it must not be
 * stopped: -EIO when the journal cannot be written, or what ended the wait. */
int rm_ledger_stopping(struct rm_ledger *ledger, const struct rm_slot *slot, const struct rm_item *item,
                       const struct rm_wait *wait);
/* Was not stopped after all. */
void rm_ledger_spared(struct rm_ledger *ledger, const struct rm_item *item);
/* Is this what is pending? */
bool rm_ledger_has(const struct rm_ledger *ledger, const struct rm_item *item);
/* That one is back, or will not come. */
void rm_ledger_strike(struct rm_ledger *ledger, uint32_t pending);
/* With nothing pending: the journal ends. */
void rm_ledger_settle(struct rm_ledger *ledger);

/* ---- for lists ---- */

/* Programs that are added from here on get what became of them before. */
void rm_ledger_list_begin(struct rm_ledger *ledger, struct rm_answer *answer);
/* What that is: RM_APP_STATUS. */
ULONG rm_ledger_status(struct rm_ledger *ledger, const struct rm_program *program);
/* Adds those that were stopped and have not been added since. */
int rm_ledger_list_end(struct rm_ledger *ledger, struct rm_answer *answer);
