/* SPDX-License-Identifier: MIT
 *
 * Windows' callback knows nothing but a percentage, and comes on a thread of its
 * choice.  So there is a fixed set of functions, one for each operation that is
 * under way in this process.
 *
 * Ours: an operation for which none is left goes on all the same, and tells its
 * beginning and its end only.
 */
#pragma once

#include "restartmanager_ext.h"

#define RM_TRAMPOLINES 16

struct rm_telling {
    RMX_PROGRESS report; /* or NULL */
    void *context;
    uint32_t phase;
    volatile LONG percent;             /* the last that was told */
    RM_WRITE_STATUS_CALLBACK callback; /* for Windows, or NULL */
    int slot;
};

/* Tells of the beginning.  It stays where it is until the end. */
void rm_telling_begin(struct rm_telling *telling, RMX_PROGRESS report, void *context, uint32_t phase);
/* code: what came of it.  An operation that was cancelled or failed never says 100 (ours).  Waits for a callback that
 * another thread is still in. */
void rm_telling_end(struct rm_telling *telling, DWORD code);
