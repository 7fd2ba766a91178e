/* SPDX-License-Identifier: MIT
 *
 * How far an operation has come, as its caller is told: a percentage that grows
 * with every call, from 0 when it begins to 100 when it has ended.  One that is
 * cancelled or fails never says 100 (ours).
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdint.h>

struct rm_progress {
    RMX_PROGRESS report; /* or NULL */
    void *context;
    uint32_t phase;
    uint32_t done, total; /* items */
    uint32_t percent;     /* the last that was told */
};

struct rm_progress rm_progress_begin(RMX_PROGRESS report, void *context, uint32_t phase);
/* One more is done. */
void rm_progress_step(struct rm_progress *progress, const RMX_ITEM *item);
void rm_progress_end(struct rm_progress *progress);
