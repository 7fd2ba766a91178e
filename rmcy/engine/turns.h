/* SPDX-License-Identifier: MIT
 *
 * The units among what is brought back.  Neighbours wait for each other, and
 * are started in one run of their managers.
 */
#pragma once

#include "returning.h"

struct rm_turns;

/* Asks the managers about all units that are stopped.  *returning is to outlive it. */
int rm_turns_new(const struct rm_returning *returning, struct rm_turns **ret);
void rm_turns_free(struct rm_turns *turns);

/* Settles what needs no start; else the unit is for the next run. */
int rm_turns_take(struct rm_turns *turns, uint32_t index);
/* Starts those that were taken, watches them for a moment (settle.h), and tells of them. */
int rm_turns_run(struct rm_turns *turns);
