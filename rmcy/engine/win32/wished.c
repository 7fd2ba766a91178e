/* SPDX-License-Identifier: MIT */
#include "wished.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define KEY L"Software\\rmcy-test\\restart"
#define NAME_UNITS 48

static void name_of(const RM_UNIQUE_PROCESS *process, WCHAR name[NAME_UNITS])
{
    const FILETIME *start = &process->ProcessStartTime;
    swprintf(name, NAME_UNITS, L"%lu-%llu", process->dwProcessId,
             (unsigned long long)start->dwHighDateTime << 32 | start->dwLowDateTime);
}

bool rm_wished(const RM_UNIQUE_PROCESS *process)
{
    WCHAR name[NAME_UNITS];
    name_of(process, name);
    return RegGetValueW(HKEY_CURRENT_USER, KEY, name, RRF_RT_REG_SZ, NULL, NULL, NULL) == ERROR_SUCCESS;
}

int rm_wished_read(const RM_UNIQUE_PROCESS *process, WCHAR **ret)
{
    WCHAR name[NAME_UNITS], *command = calloc(RM_WISH_UNITS, sizeof(*command));
    DWORD size = RM_WISH_UNITS * sizeof(*command);
    if (!command)
        return -ENOMEM;
    name_of(process, name);
    if (RegGetValueW(HKEY_CURRENT_USER, KEY, name, RRF_RT_REG_SZ, NULL, command, &size) != ERROR_SUCCESS || !*command) {
        free(command);
        return -ENOENT;
    }
    *ret = command;
    return 0;
}

int rm_wished_write(const WCHAR *command)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = GetCurrentProcessId()};
    FILETIME other[3];
    WCHAR name[NAME_UNITS];
    LSTATUS status;
    if (!GetProcessTimes(GetCurrentProcess(), &process.ProcessStartTime, &other[0], &other[1], &other[2]))
        return -EIO;
    name_of(&process, name);
    if (command)
        status = RegSetKeyValueW(HKEY_CURRENT_USER, KEY, name, REG_SZ, command,
                                 (DWORD)((wcslen(command) + 1) * sizeof(*command)));
    else
        status = RegDeleteKeyValueW(HKEY_CURRENT_USER, KEY, name);
    return status == ERROR_SUCCESS || (!command && status == ERROR_FILE_NOT_FOUND) ? 0 : -EIO;
}
