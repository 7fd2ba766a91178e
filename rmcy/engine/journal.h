/* SPDX-License-Identifier: MIT
 *
 * What a session has stopped and not brought back, written down before it is
 * done, where it survives the session's owner and the session.
 *
 * A journal belongs to the process that made or adopted it; its forked
 * children have none: -EBADF.
 */
#pragma once

#include "wait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_journal;
struct rm_slot;

/* For the first stop of a session; slot NULL: of a private one.  Refers to the slot during the call only.  -EIO,
 * -ENOSPC, ... when it cannot be kept; -ETIMEDOUT, -ECANCELED, -EINTR. */
int rm_host_journal_new(const struct rm_slot *slot, const struct rm_wait *wait, struct rm_journal **ret);
/* One entry, whole or not at all.  Entries are opaque here.  -ESTALE: the store has lost it. */
int rm_host_journal_write(struct rm_journal *journal, const void *data, size_t size);
/* Nothing is stopped any more: takes it out of the store.  Succeeds also when the store has gone. */
void rm_host_journal_end_take(struct rm_journal *journal);
/* Lets go of it with something stopped: from here on it is as if its owner had died, for a recovery to adopt. */
void rm_host_journal_abandon_take(struct rm_journal *journal);

/* Claims: a name that this session has stopped and will bring back.  Several living sessions can have one on the same
 * name; the last one to let go brings it back.  Claimed before the stop. */
int rm_host_journal_claim(struct rm_journal *journal, const char *name, const struct rm_wait *wait);
/* *ret_last: no other living session of this user has a claim on it.  Not to have one is not an error. */
int rm_host_journal_unclaim(struct rm_journal *journal, const char *name, const struct rm_wait *wait, bool *ret_last);

/* Takes over the journal of a session whose owner has died: this process is its owner from here on; nobody else can
 * have it.  *ret is NULL when there is none. */
int rm_host_journal_adopt(const struct rm_wait *wait, struct rm_journal **ret);
/* Every entry of a journal that was adopted, in order; a torn one at the end is left out. */
int rm_host_journal_read(struct rm_journal *journal, int (*entry)(void *context, const void *data, size_t size),
                         void *context);
