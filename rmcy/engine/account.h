/* SPDX-License-Identifier: MIT
 *
 * The account of items that a caller gets.
 */
#pragma once

#include "items.h"

/* One block, which free() frees: items in the order of stopping (programs; what would start services again; what goes
 * down with services; services), those of the past left out. */
int rm_account_make(const struct rm_items *items, uint32_t phase, uint32_t flags, uint32_t reboot_reasons,
                    RMX_ACCOUNT **ret);

/* Does this plan stop it? */
bool rm_account_includes(const RMX_ACCOUNT *plan, const struct rm_item *item);
