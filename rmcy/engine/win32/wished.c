/* SPDX-License-Identifier: MIT */
#include "wished.h"

#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

#define KEY L"Software\\rmcy-test\\restart"

static void name_of(uint32_t pid, WCHAR name[16])
{
    _ultow(pid, name, 10);
}

bool rm_wished(uint32_t pid)
{
    WCHAR name[16];
    name_of(pid, name);
    return RegGetValueW(HKEY_CURRENT_USER, KEY, name, RRF_RT_REG_SZ, NULL, NULL, NULL) == ERROR_SUCCESS;
}

int rm_wished_read(uint32_t pid, WCHAR **ret)
{
    WCHAR name[16], *command = calloc(RM_WISH_UNITS, sizeof(*command));
    DWORD size = RM_WISH_UNITS * sizeof(*command);
    if (!command)
        return -ENOMEM;
    name_of(pid, name);
    if (RegGetValueW(HKEY_CURRENT_USER, KEY, name, RRF_RT_REG_SZ, NULL, command, &size) != ERROR_SUCCESS || !*command) {
        free(command);
        return -ENOENT;
    }
    *ret = command;
    return 0;
}

int rm_wished_write(uint32_t pid, const WCHAR *command)
{
    WCHAR name[16];
    LSTATUS status;
    name_of(pid, name);
    if (command)
        status = RegSetKeyValueW(HKEY_CURRENT_USER, KEY, name, REG_SZ, command,
                                 (DWORD)((wcslen(command) + 1) * sizeof(*command)));
    else
        status = RegDeleteKeyValueW(HKEY_CURRENT_USER, KEY, name);
    return status == ERROR_SUCCESS || (!command && status == ERROR_FILE_NOT_FOUND) ? 0 : -EIO;
}
