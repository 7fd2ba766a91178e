/* SPDX-License-Identifier: MIT
 *
 * Pins as the scanner makes them and as a request reads them.
 */
#pragma once

#include "pin.h"

/* Of the process that `process` is a handle of: it may be closed afterwards. */
int rm_pin_open(HANDLE process, const RM_UNIQUE_PROCESS *known, struct rm_pin **ret);

/* Asks a program to end, as Windows does: its windows, or else its console.  0 also where nobody was there to hear it:
 * it goes on then. */
int rm_ask_to_end(uint32_t pid);
