/* SPDX-License-Identifier: MIT
 *
 * Processes, by pid and start time.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>

/* A handle for looking and for waiting, or NULL: it has ended, is another one by now, or may not be looked at. */
HANDLE rm_process_open(const RM_UNIQUE_PROCESS *process);
/* One that may not be looked at is taken for alive (ours). */
bool rm_process_is_alive(const RM_UNIQUE_PROCESS *process);
bool rm_process_is_self(const RM_UNIQUE_PROCESS *process);
/* May the caller end it? */
bool rm_process_may_be_ended(const RM_UNIQUE_PROCESS *process);
/* The path of its program: malloc'ed, or NULL. */
char *rm_process_exe(HANDLE process);
/* Does it belong to the caller's user?  One that cannot be asked does not. */
bool rm_process_is_mine(HANDLE process);
/* A process that runs this program and was started at that time or later, and that `taken` does not name. */
typedef bool (*rm_process_taken)(const void *context, const RM_UNIQUE_PROCESS *process);
bool rm_process_find(const char *exe, const FILETIME *since, rm_process_taken taken, const void *context,
                     RM_UNIQUE_PROCESS *ret);
