/* SPDX-License-Identifier: MIT
 *
 * A process by its handle: while one is open, the number is given to no other.
 */
#pragma once

#include "host.h"

#include <stdbool.h>
#include <stdint.h>

/* -ESRCH: there is none, or it has ended; -EACCES: not with that access.  SYNCHRONIZE and the right to ask for times
 * are added. */
int rm_process_open(uint32_t pid, DWORD access, HANDLE *ret);
/* Of a process that was opened so. */
int rm_process_identify(HANDLE process, uint32_t pid, RM_UNIQUE_PROCESS *ret);
bool rm_process_ended(HANDLE process);
