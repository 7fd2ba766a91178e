/* SPDX-License-Identifier: MIT
 *
 * What stands in for RegisterApplicationRestart, which keeps nothing where this
 * runs: the values of HKCU\Software\rmcy-test\restart.  A value is named
 * NUMBER-START, a process and when it began as RM_UNIQUE_PROCESS has them, in
 * decimal, and is the command line that starts it again, program and all (ours,
 * tests only).
 */
#pragma once

#include "restartmanager.h"

#include <stdbool.h>
#include <stdint.h>

/* As Windows counts: the arguments, and the program before them. */
#define RM_WISH_UNITS 32768

bool rm_wished(const RM_UNIQUE_PROCESS *process);
/* -ENOENT: it has none.  malloc'ed. */
int rm_wished_read(const RM_UNIQUE_PROCESS *process, WCHAR **ret);
/* Of the calling process; command NULL: takes it back. */
int rm_wished_write(const WCHAR *command);
