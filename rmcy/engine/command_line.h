/* SPDX-License-Identifier: MIT
 *
 * Arguments as one command line of Windows, as CommandLineToArgvW takes it apart
 * again.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdint.h>

#define RM_COMMAND_LINE_MAX 1024 /* units: RESTART_MAX_CMD_LINE, without the NUL (ours) */

/* Units that the line takes, without its NUL; -E2BIG for more than there may be; -EINVAL for an argument that is NULL. */
long rm_command_line_join(const char *const *arguments, uint32_t count, WCHAR line[RM_COMMAND_LINE_MAX + 1]);
