/* SPDX-License-Identifier: MIT
 *
 * Bringing back what sessions of this user stopped whose owners have died.
 */
#pragma once

#include "outcome.h"
#include "restartmanager_ext.h"
#include "wait.h"

/* The account comes with every result but -ENOMEM.  -ETIMEDOUT, or what could not be read of the store. */
int rm_recover(bool forget, RMX_PROGRESS progress, void *context, const struct rm_wait *wait,
               enum rm_outcome *ret_outcome, RMX_ACCOUNT **ret);
