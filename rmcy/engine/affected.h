/* SPDX-License-Identifier: MIT
 *
 * A list, row by row, as items: one for each service with all its processes,
 * one for each other program.
 */
#pragma once

#include "items.h"

/* One row: a service that is there already is added to.  Takes the pin. */
int rm_affected_add_row(const RMX_LIST *list, uint32_t row, struct rm_pin *pin, struct rm_items *items,
                        struct rm_item **ret);
/* The whole list.  Takes the pins out of their array. */
int rm_affected_add(const RMX_LIST *list, struct rm_pin *pins[], struct rm_items *items);
/* The item that a row is about, or NULL. */
struct rm_item *rm_affected_find(const RMX_LIST *list, uint32_t row, const struct rm_items *items);
