/* SPDX-License-Identifier: MIT */
#include "hold.h"

#include "store.h"

#include <unistd.h>

int rm_hold_take(const char *store, bool make, const struct rm_wait *wait, struct rm_hold *ret)
{
    struct rm_hold hold = {.store_fd = make ? rm_store_make(store) : rm_store_open(store)};
    int e;

    if (hold.store_fd < 0)
        return hold.store_fd;
    e = rm_lock_acquire(hold.store_fd, wait, &hold.lock);
    if (e < 0) {
        close(hold.store_fd);
        return e;
    }
    *ret = hold;
    return 0;
}

void rm_hold_release(struct rm_hold *hold)
{
    rm_lock_release(&hold->lock);
    close(hold->store_fd);
}
