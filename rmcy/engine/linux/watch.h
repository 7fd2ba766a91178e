/* SPDX-License-Identifier: MIT
 *
 * Work that may wait for a dead mount or a stuck process, done by a thread
 * that can be left behind.  Nothing ends such a wait from outside: not a
 * signal, not a time-out.  So the caller watches, and goes on without.
 *
 * What both see is `context`.  A worker that has been left behind wakes up
 * some day and finds `context` still there, since it lives until the last of
 * them has gone, and the lock refused, so that what belongs to the caller is
 * never touched again.
 *
 * A worker is a new thread, not one that is kept: it has the credentials,
 * capabilities, root and namespaces of the thread that asks now.
 */
#pragma once

#include "stuck.h"
#include "wait.h"

#include <stdatomic.h>

struct rm_worker;

struct rm_task {
    /* In a worker.  What it says is the result, unless it has been left behind; of several workers, what the last one
     * says, or the first that fails. */
    int (*work)(struct rm_worker *me, void *context);
    /* In the caller, within the lock: the worker is stuck at `at`.  all: nobody will go on with what is left either.
     * 0: it has been noted, go on without; 1: there is no going on without, wait for it. */
    int (*give_up)(void *context, const struct rm_stuck *at, bool all);
    /* When the last has gone, in whichever thread that is. */
    void (*free)(void *context);
};

/* Takes the context.  What the work said; or -ETIMEDOUT, -ECANCELED, -EINTR, -ENOMEM, after which it is as if it had
 * not been begun, as far as that is the caller's.  With `interruptible`, signals end the wait only while the worker
 * is stuck, or a timer would make work that takes longer impossible. */
int rm_watch_take(const struct rm_task *task, void *context, const struct rm_wait *wait);

/* ---- for workers ---- */

/* The lock.  false: left behind, or another worker has failed; there is nothing to be done any more. */
bool rm_worker_enter(struct rm_worker *me);
void rm_worker_leave(struct rm_worker *me);
/* The same question without the lock. */
bool rm_worker_is_left(const struct rm_worker *me);
/* Is there another processor for a second worker? */
bool rm_worker_can_share(void);
/* Within the lock: one more worker begins, if there can be one; work() is shared by both then. */
void rm_worker_recruit(struct rm_worker *me);
/* Within the lock: what is begun now. */
void rm_worker_at(struct rm_worker *me, uint32_t pid, uint64_t start, const char *name);
/* A sign of life: something that might have waited has not. */
static inline void rm_worker_beat(atomic_uint *beats)
{
    /* One writer: no need for an atomic addition. */
    atomic_store_explicit(beats, atomic_load_explicit(beats, memory_order_relaxed) + 1, memory_order_relaxed);
}
atomic_uint *rm_worker_beats(struct rm_worker *me);
