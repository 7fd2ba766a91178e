/* SPDX-License-Identifier: MIT */
#include "deadline.h"

/* A cancellation finds nothing where the task has not begun yet, or between two tasks: so it is asked for again. */
#define AGAIN_MS 20

struct rm_deadline rm_deadline_in(ULONG timeout_ms, ULONG default_ms)
{
    struct rm_deadline deadline = {.end = UINT64_MAX};

    if (timeout_ms == RMX_TIMEOUT_DEFAULT)
        timeout_ms = default_ms;
    if (timeout_ms != RMX_TIMEOUT_NONE)
        deadline.end = GetTickCount64() + timeout_ms;
    return deadline;
}

DWORD rm_deadline_left(const struct rm_deadline *deadline)
{
    ULONGLONG now = GetTickCount64();

    if (deadline->end == UINT64_MAX)
        return INFINITE;
    return now < deadline->end ? (DWORD)(deadline->end - now) : 0;
}

static VOID CALLBACK cancel(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    struct rm_deadline *deadline = context;

    (void)instance, (void)timer;
    InterlockedExchange(&deadline->passed, 1);
    (void)RmCancelCurrentTask(deadline->handle); /* the task itself says how it ended */
}

DWORD rm_deadline_begin(struct rm_deadline *deadline, DWORD handle)
{
    DWORD left = rm_deadline_left(deadline);
    ULARGE_INTEGER relative;
    FILETIME due;

    if (!left)
        return ERROR_SEM_TIMEOUT;
    deadline->passed = 0;
    if (left == INFINITE)
        return ERROR_SUCCESS;
    deadline->handle = handle;
    deadline->timer = CreateThreadpoolTimer(cancel, deadline, NULL);
    if (!deadline->timer)
        return ERROR_OUTOFMEMORY;
    relative.QuadPart = 0 - (ULONGLONG)left * 10000; /* negative: from now on */
    due.dwLowDateTime = relative.LowPart;
    due.dwHighDateTime = relative.HighPart;
    SetThreadpoolTimer(deadline->timer, &due, AGAIN_MS, 0);
    return ERROR_SUCCESS;
}

DWORD rm_deadline_end(struct rm_deadline *deadline, DWORD code)
{
    if (deadline->timer) {
        SetThreadpoolTimer(deadline->timer, NULL, 0, 0);
        WaitForThreadpoolTimerCallbacks(deadline->timer, TRUE);
        CloseThreadpoolTimer(deadline->timer);
        deadline->timer = NULL;
    }
    return code == ERROR_CANCELLED && deadline->passed ? ERROR_SEM_TIMEOUT : code;
}
