/* SPDX-License-Identifier: MIT
 *
 * What the system, or somebody's login, needs to go on.  It is reported and
 * left alone; a caller can add to it (critical.h).
 */
#pragma once

#include "inode.h"

#include <stdbool.h>
#include <stdint.h>

/* By the whole name of a unit, and whose manager runs it (RMX_NO_UID: the system's). */
bool rm_vital_unit(const char *name, uint32_t manager_uid);

/* Is that a program that lets people log in from elsewhere?  By the last part of its path and its owner: only root
 * can say so, since what is left alone is also left unpatched. */
bool rm_vital_is_login(const char *exe, const struct rm_inode *inode);
