/* SPDX-License-Identifier: MIT
 *
 * Waiting for kernel objects within the time of a call.
 */
#pragma once

#include "wait.h"

#include <windows.h>

#define RM_HANDLES_MAX (MAXIMUM_WAIT_OBJECTS - 1)

/* No handle needs more than 32 bits, and they are extended by their sign. */
static inline int rm_fd_from_handle(HANDLE handle)
{
    return (int)(intptr_t)handle;
}

static inline HANDLE rm_handle_from_fd(int fd)
{
    return (HANDLE)(intptr_t)fd;
}

/* Until one of them is signalled (an abandoned mutex is, too): 0, -ETIMEDOUT, -ECANCELED.  handles has room for one
 * more; count is at most RM_HANDLES_MAX. */
int rm_wait_for_any(const struct rm_wait *wait, HANDLE handles[], DWORD count);
