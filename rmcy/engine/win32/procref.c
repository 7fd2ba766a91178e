/* SPDX-License-Identifier: MIT */
#include "procref.h"

#include "error.h"
#include "host.h"

#include <errno.h>

bool rm_process_ended(HANDLE process)
{
    return WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
}

int rm_process_open(uint32_t pid, DWORD access, HANDLE *ret)
{
    HANDLE process;
    int r;
    if (!pid)
        return -ESRCH;
    process = OpenProcess(access | SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    if (!process) {
        r = rm_last_error();
        return r == -EINVAL ? -ESRCH : r; /* which is what it says of a number that no process has */
    }
    /* It stays in the system's list for as long as somebody has a handle. */
    if (rm_process_ended(process)) {
        CloseHandle(process);
        return -ESRCH;
    }
    *ret = process;
    return 0;
}

int rm_process_identify(HANDLE process, uint32_t pid, RM_UNIQUE_PROCESS *ret)
{
    FILETIME created, ended, kernel, user;
    if (!GetProcessTimes(process, &created, &ended, &kernel, &user))
        return rm_last_error();
    *ret = (RM_UNIQUE_PROCESS){.dwProcessId = pid, .ProcessStartTime = created};
    return 0;
}

int rm_host_process(uint32_t pid, RM_UNIQUE_PROCESS *ret)
{
    HANDLE process = NULL;
    int r = rm_process_open(pid, 0, &process);
    if (r < 0)
        return r;
    r = rm_process_identify(process, pid, ret);
    CloseHandle(process);
    return r;
}
