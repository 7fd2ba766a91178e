/* SPDX-License-Identifier: MIT
 *
 * A store, open and locked.
 */
#pragma once

#include "lock.h"

#include <stdbool.h>

struct rm_hold {
    int store_fd;
    struct rm_lock lock;
};

/* make: where there is none; else -ENOENT. */
int rm_hold_take(const char *store, bool make, const struct rm_wait *wait, struct rm_hold *ret);
void rm_hold_release(struct rm_hold *hold);
