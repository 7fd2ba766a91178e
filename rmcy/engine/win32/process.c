/* SPDX-License-Identifier: MIT
 *
 * Which process has a number now.
 */
#include "error.h"
#include "host.h"

#include <errno.h>

int rm_host_process(uint32_t pid, RM_UNIQUE_PROCESS *ret)
{
    HANDLE process = pid ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, pid) : NULL;
    FILETIME start, end, kernel, user;
    int e = 0;

    if (!process)
        return !pid || GetLastError() == ERROR_INVALID_PARAMETER ? -ESRCH : rm_last_error();
    if (WaitForSingleObject(process, 0) == WAIT_OBJECT_0)
        e = -ESRCH; /* it has ended, and somebody has a handle to it */
    else if (!GetProcessTimes(process, &start, &end, &kernel, &user))
        e = rm_last_error();
    else
        *ret = (RM_UNIQUE_PROCESS){.dwProcessId = pid, .ProcessStartTime = start};
    CloseHandle(process);
    return e;
}
