/* SPDX-License-Identifier: MIT
 *
 * What Windows' own Restart Manager says of itself: the version of the file that is loaded.
 */
#include "restartmanager_ext.h"

#include <stdio.h>

/* ours: no source says how long a version may be; four numbers of 16 bits and three dots fit. */
static char version[4 * 5 + 3 + 1];

static BOOL CALLBACK read_version(INIT_ONCE *once, void *parameter, void **context)
{
    HMODULE module = GetModuleHandleW(L"rstrtmgr.dll");
    WCHAR path[MAX_PATH];
    VS_FIXEDFILEINFO *info;
    DWORD ignored, size;
    void *data = NULL;
    UINT length;

    (void)once, (void)parameter, (void)context;
    if (!module || !(size = GetModuleFileNameW(module, path, MAX_PATH)) || size == MAX_PATH)
        return TRUE;
    size = GetFileVersionInfoSizeW(path, &ignored);
    if (size)
        data = HeapAlloc(GetProcessHeap(), 0, size);
    if (data && GetFileVersionInfoW(path, 0, size, data) && VerQueryValueW(data, L"\\", (void **)&info, &length) &&
        length >= sizeof *info)
        snprintf(version, sizeof version, "%u.%u.%u.%u", HIWORD(info->dwFileVersionMS), LOWORD(info->dwFileVersionMS),
                 HIWORD(info->dwFileVersionLS), LOWORD(info->dwFileVersionLS));
    if (data)
        HeapFree(GetProcessHeap(), 0, data);
    return TRUE;
}

DWORD RmxGetInfo(const RMX_INFO **ret_info)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    static const RMX_INFO info = {
        .size = sizeof info,
        .session_limit = 64,
        .backend = "rstrtmgr",
        .version = version,
        .scanners = "",
        .scanner = "rstrtmgr",
        .store = "",
    };

    if (!ret_info)
        return ERROR_BAD_ARGUMENTS;
    InitOnceExecuteOnce(&once, read_version, NULL, NULL);
    *ret_info = &info;
    return ERROR_SUCCESS;
}
