/* SPDX-License-Identifier: MIT */
#include "members.h"

#include "error.h"

#include <errno.h>
#include <wchar.h>

int rm_unit_state_ask(SC_HANDLE service, struct rm_unit_state *ret)
{
    SERVICE_STATUS_PROCESS status;
    DWORD needed;
    if (!QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status), &needed))
        return rm_last_error();
    *ret = (struct rm_unit_state){
        .state = status.dwCurrentState,
        .pid = status.dwProcessId,
        .controls = status.dwControlsAccepted,
    };
    return 0;
}

bool rm_unit_needs(const struct rm_unit *unit, const struct rm_unit *other)
{
    for (const WCHAR *name = unit->needs; name && *name; name += wcslen(name) + 1)
        if (_wcsicmp(name, other->wide) == 0)
            return true;
    return false;
}
