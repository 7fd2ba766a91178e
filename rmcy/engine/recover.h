/* SPDX-License-Identifier: MIT
 *
 * Bringing back what sessions of this user stopped whose owners have died.
 */
#pragma once

#include "restartmanager_ext.h"
#include "wait.h"

#include <stdbool.h>

/* *ret_all: everything that was found is back.  The account comes with every result but -ENOMEM.  Otherwise what could
 * not be read of the store, -ETIMEDOUT. */
int rm_recover(RMX_PROGRESS progress, void *context, const struct rm_wait *wait, bool *ret_all, RMX_ACCOUNT **ret);
