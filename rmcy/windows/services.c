/* SPDX-License-Identifier: MIT */
#include "services.h"

#include "text.h"

#define NAME_UNITS 256

static bool ask(const WCHAR *name, SERVICE_STATUS_PROCESS *ret)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service = NULL;
    bool answered = false;
    DWORD size;

    if (manager)
        service = OpenServiceW(manager, name, SERVICE_QUERY_STATUS);
    if (service) {
        answered = QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)ret, sizeof *ret, &size);
        CloseServiceHandle(service);
    }
    if (manager)
        CloseServiceHandle(manager);
    return answered;
}

bool rm_service_is_up(const char *name, RM_UNIQUE_PROCESS *ret)
{
    SERVICE_STATUS_PROCESS status;
    WCHAR text[NAME_UNITS + 1];

    *ret = (RM_UNIQUE_PROCESS){0};
    rm_text_from_bytes(name, text, NAME_UNITS);
    if (!ask(text, &status) || status.dwCurrentState == SERVICE_STOPPED)
        return false;
    if (status.dwProcessId && RmxGetProcess(status.dwProcessId, ret) != ERROR_SUCCESS)
        *ret = (RM_UNIQUE_PROCESS){0}; /* it is up all the same */
    return true;
}
