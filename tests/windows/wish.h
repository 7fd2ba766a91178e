/* SPDX-License-Identifier: MIT
 *
 * As RegisterApplicationRestart would, of which Wine keeps nothing: what the
 * rstrtmgr.dll of the tests reads instead.
 */
#pragma once

#include <stdio.h>
#include <wchar.h>
#include <windows.h>

/* The command line that starts this process again, under its number and the time of its start. */
static inline BOOL keep_wish(const WCHAR *command)
{
    FILETIME start, other[3];
    WCHAR name[48];

    if (!GetProcessTimes(GetCurrentProcess(), &start, &other[0], &other[1], &other[2]))
        return FALSE;
    swprintf(name, sizeof name / sizeof *name, L"%lu-%llu", GetCurrentProcessId(),
             (unsigned long long)start.dwHighDateTime << 32 | start.dwLowDateTime);
    return RegSetKeyValueW(HKEY_CURRENT_USER, L"Software\\rmcy-test\\restart", name, REG_SZ, command,
                           (DWORD)((wcslen(command) + 1) * sizeof *command)) == ERROR_SUCCESS;
}
