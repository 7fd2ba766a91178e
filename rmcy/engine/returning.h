/* SPDX-License-Identifier: MIT
 *
 * What a program (bringback.c) and a service (turns.c) have in common when they
 * are brought back.
 */
#pragma once

#include "bringback.h"

#include <stdbool.h>

/* One call of rm_bringback. */
struct rm_returning {
    const struct rm_stopped *stopped;
    struct rm_journal *journal; /* or NULL */
    uint64_t linger_deadline;
    const struct rm_wait *wait;
    rm_bringback_done done;
    void *context;
};

/* It ended because of the whole call, not because of one item. */
bool rm_returning_is_over(int e);
/* RMX_FAIL_* for what kept one item from coming back; 0: RMX_FAIL_NONE. */
uint32_t rm_returning_failure(int e);
/* Tells of one that is done, and writes down that it is back. */
int rm_returning_report(const struct rm_returning *r, uint32_t index, const struct rm_returned *returned);
