/* SPDX-License-Identifier: MIT
 *
 * What threads of ours that were left behind still wait for.  As long as one
 * does, nobody needs to find out the same again at the price of another
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Ours: so many threads may be left behind in one process; then what would need another is given up at once. */
#define RM_STUCK_MAX 64

/* What a thread is at: a process (`start` as in rm_stat; 0: not known yet), or the look-up of a name. */
struct rm_stuck {
    uint32_t pid;
    uint64_t start;
    const char *name; /* or NULL; lives as long as the thread */
    struct rm_stuck *next;
};

/* Is there room for one more thread to be left behind? */
bool rm_stuck_has_room(void);
void rm_stuck_add(struct rm_stuck *stuck);
void rm_stuck_remove(struct rm_stuck *stuck);

bool rm_stuck_is_process(uint32_t pid, uint64_t start);
bool rm_stuck_is_name(const char *name);
uint32_t rm_stuck_count(void);
