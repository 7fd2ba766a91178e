/* SPDX-License-Identifier: MIT
 *
 * A program that is in somebody's way:
 *
 *     holder open FILE       has the file open
 *     holder load FILE       has it loaded as a library
 *     holder stay            is there
 *     holder window          has a window
 *     holder refuse          has one, and says no
 *     holder deaf            ignores Ctrl-C
 *     holder wish            asks to be started again, as "holder back EVENT"
 *     holder back EVENT      sets that event and stays
 *
 * It says "ready" when that is so, and ends on Ctrl-C or with its window.
 */
#include "wish.h"

#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static LRESULT CALLBACK answer(HWND window, UINT message, WPARAM first, LPARAM second)
{
    switch (message) {
    case WM_QUERYENDSESSION:
        return !GetWindowLongPtrW(window, GWLP_USERDATA);
    case WM_ENDSESSION:
        return 0;
    case WM_DESTROY:
        PostQuitMessage(0);
        return 0;
    default:
        return DefWindowProcW(window, message, first, second);
    }
}

static BOOL open_window(BOOL refuses)
{
    WNDCLASSW class = {.lpfnWndProc = answer, .lpszClassName = L"rmcy holder", .hInstance = GetModuleHandleW(NULL)};
    HWND window;
    if (!RegisterClassW(&class))
        return FALSE;
    window = CreateWindowExW(0, class.lpszClassName, L"holder", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 100, 100, NULL,
                             NULL, class.hInstance, NULL);
    if (window)
        SetWindowLongPtrW(window, GWLP_USERDATA, refuses);
    return window != NULL;
}

static BOOL set_event(const wchar_t *name)
{
    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
    return event && SetEvent(event);
}

static BOOL wish(const wchar_t *event)
{
    wchar_t program[MAX_PATH], command[2 * MAX_PATH];
    GetModuleFileNameW(NULL, program, MAX_PATH);
    swprintf(command, sizeof(command) / sizeof(*command), L"\"%ls\" back %ls", program, event);
    return keep_wish(command);
}

static BOOL hold(const wchar_t *how, const wchar_t *what)
{
    if (wcscmp(how, L"open") == 0)
        return CreateFileW(what, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL) != INVALID_HANDLE_VALUE;
    if (wcscmp(how, L"load") == 0)
        return LoadLibraryW(what) != NULL;
    if (wcscmp(how, L"stay") == 0)
        return TRUE;
    if (wcscmp(how, L"window") == 0 || wcscmp(how, L"refuse") == 0)
        return open_window(*how == L'r');
    if (wcscmp(how, L"deaf") == 0)
        return SetConsoleCtrlHandler(NULL, TRUE);
    if (wcscmp(how, L"wish") == 0)
        return wish(what);
    return wcscmp(how, L"back") == 0 && set_event(what);
}

int wmain(int count, wchar_t **arguments);

int wmain(int count, wchar_t **arguments)
{
    MSG message;
    if (count < 2 || !hold(arguments[1], count > 2 ? arguments[2] : L""))
        return 2;
    puts("ready");
    fflush(stdout);
    while (GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    return 0;
}
