/* SPDX-License-Identifier: MIT
 *
 * The one table from -errno, which everything inside speaks, to the codes of
 * winerror.h, which callers see.
 */
#pragma once

#include "outcome.h"
#include "restartmanager_ext.h"

DWORD rm_status_from_errno(int r);
DWORD rm_status_from_outcome(enum rm_outcome outcome);
