/* SPDX-License-Identifier: MIT
 *
 * What the service control manager says of a service.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>

/* Has it not stopped, and as which process is it up (zeros: not known)?  One that is on its way down, or paused, is up:
 * it holds its files.  One that cannot be asked about is not. */
bool rm_service_is_up(const char *name, RM_UNIQUE_PROCESS *ret);
