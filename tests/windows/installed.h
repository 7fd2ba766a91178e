/* SPDX-License-Identifier: MIT
 *
 * Services of the tests' own: service.c under several names.
 */
#pragma once

#include "holding.h"

static SC_HANDLE manager;

static WCHAR file[MAX_PATH];

static inline void prepare_services(void)
{
    manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    CHECK(manager);
    beside(L"held.txt", file);
    HANDLE made = CreateFileW(file, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(made != INVALID_HANDLE_VALUE);
    CloseHandle(made);
}

static inline void title_of(const WCHAR *name, WCHAR title[64])
{
    swprintf(title, 64, L"The tests' service %ls", name);
}

/* service.c, as that name, which no other test has: one that was removed may take a while to go.  It holds `file` when
 * it runs. */
static inline SC_HANDLE install(const WCHAR *name, const WCHAR *needs, const WCHAR *how)
{
    WCHAR program[MAX_PATH], command[3 * MAX_PATH], title[64];
    title_of(name, title);
    beside(L"service.exe", program);
    swprintf(command, sizeof(command) / sizeof(*command), L"\"%ls\" \"%ls\" %ls", program, file, how);
    SC_HANDLE service = CreateServiceW(manager, name, title, SERVICE_ALL_ACCESS,
                                       SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, command,
                                       NULL, NULL, needs, NULL, NULL);
    /* Of a test that did not come to its end; it is the same one. */
    if (!service && GetLastError() == ERROR_SERVICE_EXISTS)
        service = OpenServiceW(manager, name, SERVICE_ALL_ACCESS);
    CHECK_EQUAL(service ? 0 : GetLastError(), 0);
    return service;
}

static inline SERVICE_STATUS_PROCESS ask(SC_HANDLE service)
{
    SERVICE_STATUS_PROCESS status;
    DWORD needed;
    CHECK(QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status), &needed));
    return status;
}

static inline void CALLBACK note(void *notify)
{
    (void)notify;
}

static inline void start_and_wait(SC_HANDLE service)
{
    SERVICE_NOTIFYW notify = {.dwVersion = SERVICE_NOTIFY_STATUS_CHANGE, .pfnNotifyCallback = note};
    CHECK(NotifyServiceStatusChangeW(service, SERVICE_NOTIFY_RUNNING, &notify) == ERROR_SUCCESS);
    CHECK(StartServiceW(service, 0, NULL));
    CHECK_EQUAL(SleepEx(HOLDER_WAIT, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQUAL(ask(service).dwCurrentState, SERVICE_RUNNING);
}

static inline void remove_service(SC_HANDLE service)
{
    CHECK(DeleteService(service));
    CloseServiceHandle(service);
}

static inline void stop_alone(SC_HANDLE service)
{
    SERVICE_STATUS status;
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, ask(service).dwProcessId);
    CHECK(ControlService(service, SERVICE_CONTROL_STOP, &status));
    CHECK_EQUAL(WaitForSingleObject(process, HOLDER_WAIT), WAIT_OBJECT_0);
    CloseHandle(process);
}
