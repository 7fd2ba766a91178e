/* SPDX-License-Identifier: MIT
 *
 * A small service for the tests: it holds the file that its command line names
 * open, until it is stopped; "stays" behind that: it does not stop.
 */
#include <wchar.h>
#include <windows.h>

static WCHAR name[] = L""; /* of a process with one service it does not matter */
static SERVICE_STATUS_HANDLE status;
static HANDLE over;
static BOOL stays;

static void tell(DWORD state)
{
    SERVICE_STATUS s = {
        .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
        .dwCurrentState = state,
        .dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0,
    };
    SetServiceStatus(status, &s);
}

static DWORD WINAPI control(DWORD what, DWORD type, void *data, void *context)
{
    (void)type, (void)data, (void)context;
    if (what != SERVICE_CONTROL_STOP)
        return what == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
    tell(SERVICE_STOP_PENDING);
    if (!stays)
        SetEvent(over);
    return NO_ERROR;
}

static void WINAPI run(DWORD count, WCHAR **arguments)
{
    (void)count;
    over = CreateEventW(NULL, TRUE, FALSE, NULL);
    status = RegisterServiceCtrlHandlerExW(arguments[0], control, NULL);
    tell(SERVICE_RUNNING);
    WaitForSingleObject(over, INFINITE);
    tell(SERVICE_STOPPED);
}

int wmain(int count, WCHAR **arguments);

int wmain(int count, WCHAR **arguments)
{
    SERVICE_TABLE_ENTRYW table[] = {{name, run}, {NULL, NULL}};
    if (count > 1 && CreateFileW(arguments[1], GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                 NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE)
        return 2;
    stays = count > 2 && wcscmp(arguments[2], L"stays") == 0;
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
