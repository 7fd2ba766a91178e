/* SPDX-License-Identifier: MIT
 *
 * There are no signals here: rm_wait.interruptible has no effect.
 */
#include "waiting.h"

#include "error.h"
#include "host.h"

#include <errno.h>

uint64_t rm_host_now(void)
{
    LARGE_INTEGER now, frequency;
    uint64_t second, rest;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    second = (uint64_t)now.QuadPart / (uint64_t)frequency.QuadPart;
    rest = (uint64_t)now.QuadPart % (uint64_t)frequency.QuadPart;
    return second * 1000000000u + rest * 1000000000u / (uint64_t)frequency.QuadPart;
}

int rm_wait_check(const struct rm_wait *wait)
{
    if (wait->cancel_fd != -1 && WaitForSingleObject(rm_handle_from_fd(wait->cancel_fd), 0) == WAIT_OBJECT_0)
        return -ECANCELED;
    if (wait->deadline != RM_NO_DEADLINE && rm_host_now() >= wait->deadline)
        return -ETIMEDOUT;
    return 0;
}

int rm_wait_for_any(const struct rm_wait *wait, HANDLE handles[], DWORD count)
{
    bool cancellable = wait->cancel_fd != -1;

    if (cancellable)
        handles[count] = rm_handle_from_fd(wait->cancel_fd);
    for (;;) {
        DWORD ms = (DWORD)rm_wait_milliseconds(wait); /* -1 is INFINITE */
        DWORD n;

        if (!count && !cancellable) {
            Sleep(ms);
            n = WAIT_TIMEOUT;
        } else {
            n = WaitForMultipleObjects(count + cancellable, handles, FALSE, ms);
        }
        if (n == WAIT_FAILED)
            return rm_last_error();
        if (n != WAIT_TIMEOUT)
            return cancellable && n == WAIT_OBJECT_0 + count ? -ECANCELED : 0;
        if (wait->deadline != RM_NO_DEADLINE && rm_host_now() >= wait->deadline)
            return -ETIMEDOUT;
    }
}

int rm_wait_for(const struct rm_wait *wait, int fd)
{
    HANDLE handles[2] = {rm_handle_from_fd(fd)};

    return rm_wait_for_any(wait, handles, 1);
}
