/* SPDX-License-Identifier: MIT
 *
 * The managers of one call: each is connected to once, at the first need.
 */
#pragma once

#include "manager.h"

struct rm_managers {
    struct rm_manager **managers; /* NULL: cannot be reached */
    struct rm_reach {
        uint32_t uid;
        int error;
    } *reaches;
    uint32_t count, space;
};

/* As rm_manager_open; what failed once is not tried again. */
int rm_managers_get(struct rm_managers *set, uint32_t uid, const struct rm_wait *wait, struct rm_manager **ret);
void rm_managers_done(struct rm_managers *set);
