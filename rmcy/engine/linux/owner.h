/* SPDX-License-Identifier: MIT
 *
 * Who owns a session: a process that no later process can be taken for.  A
 * pid comes round again, so its start time belongs to it; both mean something
 * only in one pid namespace and during one boot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rm_owner {
    uint32_t pid;
    uint32_t time_namespace; /* inode number, 0 where the kernel has none: in another one start times look different */
    uint64_t start;          /* as in RM_UNIQUE_PROCESS */
    uint64_t namespace;      /* inode number of the pid namespace */
    uint8_t boot[16];
};

enum rm_owner_state {
    RM_OWNER_ALIVE,
    RM_OWNER_DEAD,
    RM_OWNER_FOREIGN /* in another namespace, or /proc does not tell: never to be judged dead */
};

int rm_owner_self(struct rm_owner *ret);
enum rm_owner_state rm_owner_state(const struct rm_owner *owner);
/* Of another boot, for certain. */
bool rm_owner_is_past(const struct rm_owner *owner);
