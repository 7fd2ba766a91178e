/* SPDX-License-Identifier: MIT
 *
 * What the service control manager says of a service.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>

/* Is it running, and as which process (zeros: not known)?  One that cannot be asked about is not. */
bool rm_service_is_running(const char *name, RM_UNIQUE_PROCESS *ret);
