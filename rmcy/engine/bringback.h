/* SPDX-License-Identifier: MIT
 *
 * Brings back what is stopped: the one place for a restart and a recovery.
 */
#pragma once

#include "entry.h"
#include "journal.h"
#include "wait.h"

struct rm_returned {
    uint32_t failure;      /* RMX_FAIL_* */
    uint32_t flags;        /* RMX_ITEM_SHARED, _WAS_UP, _VERIFIED */
    RM_UNIQUE_PROCESS now; /* zeros: none */
    const char *detail;    /* or NULL; lives during the call */
};

/* Called as each entry is done, with its index in `stopped`.  A negative result ends the bringing back. */
typedef int (*rm_bringback_done)(void *context, uint32_t index, const struct rm_returned *returned);

/* In the reverse order of stopping; neighbours that are units are one run of their managers, in which what triggers
 * others goes first: systemd refuses a socket whose service runs already.  Each that is back is looked at once more,
 * and watched for a moment (settle.h): RMX_ITEM_VERIFIED.  Claims are let go; the journal (may be NULL: none could be
 * kept) learns of each that is back, that another session will bring back, or that nobody can (RMX_FAIL_NO_WAY).
 * Entries with RMX_BACK_MASKED are left stopped, and done.  What failed otherwise stays in the journal.
 *
 * A program that still lives may have been asked to end, or not yet: it is given until linger_deadline (by rm_host_now)
 * to do so, and if it does not it was up (RMX_ITEM_WAS_UP).
 *
 * 0 when each has been reported, whatever its failure; *stopped is unchanged.  At the deadline what is not done is
 * reported with RMX_FAIL_TIMEOUT.  -ECANCELED, -EINTR, -ENOMEM, or what `done` gave: the rest is not reported; there is
 * none if what ended was the watch of the last ones. */
int rm_bringback(const struct rm_stopped *stopped, struct rm_journal *journal, uint64_t linger_deadline,
                 const struct rm_wait *wait, rm_bringback_done done, void *context);
