/* SPDX-License-Identifier: MIT
 *
 * What RmShutdown would do with what a list has, as far as that can be known.
 */
#pragma once

#include "items.h"

/* Adds an item for each program and service of the list that is up.  only: a caller's own plan, or NULL. */
DWORD rm_plan_make(const RMX_LIST *list, DWORD flags, const RMX_ACCOUNT *only, struct rm_items *items);
/* Is the program, or the service, of this row still there?  One with a history may be down. */
bool rm_plan_is_up(const RMX_LIST *list, uint32_t row);
/* How it would be stopped and come back. */
void rm_plan_ways(struct rm_item *item, bool restartable);
/* Windows stopped nothing at all of what was due. */
void rm_plan_refuse(struct rm_items *items);
/* The same, if RmShutdownOnlyRegistered is why. */
void rm_plan_refuse_unregistered(struct rm_items *items);
