/* SPDX-License-Identifier: MIT
 *
 * How long a call may still take.  Windows' own functions know no time-outs: a
 * timer cancels what they do when the time has come.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>

#define RM_LIST_TIMEOUT_MS 60000u
#define RM_STORE_TIMEOUT_MS 10000u

#define RM_KNOWN_FLAGS(flags, known) (!((flags) & ~((DWORD)(known) | RMX_INTERRUPTIBLE)))

struct rm_deadline {
    ULONGLONG end; /* by GetTickCount64, or UINT64_MAX */
    DWORD handle;
    PTP_TIMER timer;      /* or NULL */
    volatile LONG passed; /* the timer has cancelled something, or tried to */
};

struct rm_deadline rm_deadline_in(ULONG timeout_ms, ULONG default_ms);
/* Milliseconds, or INFINITE. */
DWORD rm_deadline_left(const struct rm_deadline *deadline);
/* What this session does past the deadline, from here to the end, is cancelled.  ERROR_SEM_TIMEOUT: it has passed.
 * The deadline stays where it is meanwhile. */
DWORD rm_deadline_begin(struct rm_deadline *deadline, DWORD handle);
/* `code`, with ERROR_SEM_TIMEOUT for a cancellation by the timer.  To be called once after each successful begin. */
DWORD rm_deadline_end(struct rm_deadline *deadline, DWORD code);
