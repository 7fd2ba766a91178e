/* SPDX-License-Identifier: MIT
 *
 * What the public functions have in common about their flags and their time.
 */
#pragma once

#include "host.h"
#include "restartmanager_ext.h"
#include "wait.h"

#define RM_STORE_TIMEOUT_MS 10000
#define RM_LIST_TIMEOUT_MS 60000

#define RM_KNOWN_FLAGS(flags, known) (!((flags) & ~((DWORD)(known) | RMX_INTERRUPTIBLE)))

static inline struct rm_wait rm_call_wait(DWORD flags, ULONG timeout_ms, ULONG default_ms)
{
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1, .interruptible = flags & RMX_INTERRUPTIBLE};

    if (timeout_ms == RMX_TIMEOUT_DEFAULT)
        timeout_ms = default_ms;
    if (timeout_ms != RMX_TIMEOUT_NONE)
        wait.deadline = rm_host_now() + (uint64_t)timeout_ms * 1000000u;
    return wait;
}
