/* SPDX-License-Identifier: MIT
 *
 * Filters for the time of one call.  One of the caller's own that they replace
 * is put back afterwards.
 */
#pragma once

#include "items.h"

struct rm_mask;

struct rm_masks {
    DWORD handle;
    RM_FILTER_ACTION action;
    struct rm_mask *at;
    uint32_t count;
};

/* The item, by its service or by each of its processes.  After a failure the others are still there. */
DWORD rm_masks_add(struct rm_masks *masks, const struct rm_item *item);
void rm_masks_remove(struct rm_masks *masks);
