/* SPDX-License-Identifier: MIT
 *
 * The sessions of this process and the table that turns handles into them.
 *
 * A handle is an index into the table and a generation, so that a number that
 * was used before means nothing until the table has gone round.  0 is a handle
 * like any other.  A session lives as long as somebody refers to it: the table
 * does, and each call that is under way.
 *
 * Locking: the table's mutex is held for moments only; a session's queue is
 * held through a whole call, so the calls on one session take turns.
 */
#pragma once

#include "critical.h"
#include "event.h"
#include "filter.h"
#include "queue.h"
#include "resource.h"
#include "restartmanager.h"

struct rm_ledger;
struct rm_slot;

enum rm_role { RM_PRIMARY, RM_SECONDARY };

struct rm_session {
    unsigned references;   /* under the table's mutex */
    struct rm_event *task; /* the same; cancels what is under way, or NULL */
    enum rm_role role;
    bool ended;                     /* under the queue */
    struct rm_slot *slot;           /* NULL: private, in memory only */
    struct rm_resources *resources; /* primary only; under the queue */
    struct rm_filters filters;      /* primary only; under the queue */
    struct rm_critical critical;    /* the same: what RmxAddCritical added */
    struct rm_ledger *ledger;       /* the same: what shutdowns did, or NULL before the first */
    struct rm_queue queue;
};

int rm_session_new(enum rm_role role, struct rm_session **ret);
/* Gives up one reference.  The slot must be gone by then. */
void rm_session_unref(struct rm_session *session);

/* Takes over the caller's reference.  -EUSERS: the table is full (65,536 handles; ours). */
int rm_session_publish_take(struct rm_session *session, DWORD *ret_handle);

/* A reference and a turn on the session behind a handle.  -EBADF, or what ended the wait. */
int rm_session_enter(DWORD handle, const struct rm_wait *wait, struct rm_session **ret);
/* The same for what only a primary may do: -EKEYREJECTED. */
int rm_session_enter_primary(DWORD handle, const struct rm_wait *wait, struct rm_session **ret);
void rm_session_leave(struct rm_session *session);
/* Within a turn: from here to rm_session_task_end another thread can cancel what goes on; *wait learns of it. */
int rm_session_task_begin(struct rm_session *session, struct rm_wait *wait);
void rm_session_task_end(struct rm_session *session);
/* -EBADF, or -EKEYREJECTED for a secondary. */
int rm_session_cancel(DWORD handle);

/* Within a turn: the handle means nothing from now on. */
void rm_session_withdraw(DWORD handle, struct rm_session *session);
