/* SPDX-License-Identifier: MIT
 *
 * A directory of the test's own, in which the store is that it and its children
 * use.
 */
#pragma once

#include "../engine/check.h"

#include <windows.h>

#define OWN_PATH_SIZE (3 * MAX_PATH)

static WCHAR own_store[OWN_PATH_SIZE]; /* what %LOCALAPPDATA% is here */

/* folder\name */
static inline void own_join(const WCHAR *folder, const WCHAR *name, WCHAR ret[OWN_PATH_SIZE])
{
    swprintf(ret, OWN_PATH_SIZE, L"%ls\\%ls", folder, name);
}

static inline void own_remove(const WCHAR *folder)
{
    WCHAR path[OWN_PATH_SIZE];
    WIN32_FIND_DATAW entry;
    HANDLE find;

    own_join(folder, L"*", path);
    find = FindFirstFileW(path, &entry);
    if (find == INVALID_HANDLE_VALUE)
        return;
    do {
        if (!wcscmp(entry.cFileName, L".") || !wcscmp(entry.cFileName, L".."))
            continue;
        own_join(folder, entry.cFileName, path);
        if (entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            own_remove(path);
        else
            DeleteFileW(path);
    } while (FindNextFileW(find, &entry));
    FindClose(find);
    RemoveDirectoryW(folder);
}

static inline void store_done(void)
{
    own_remove(own_store);
    own_store[0] = 0;
}

/* An empty one; again: another one. */
static inline void store_renew(void)
{
    WCHAR temporary[MAX_PATH];
    LARGE_INTEGER now;

    if (*own_store)
        store_done();
    CHECK(GetTempPathW(MAX_PATH, temporary));
    CHECK(QueryPerformanceCounter(&now));
    swprintf(own_store, OWN_PATH_SIZE, L"%lsrmcy-test-%lu-%llu", temporary, GetCurrentProcessId(),
             (unsigned long long)now.QuadPart);
    CHECK(CreateDirectoryW(own_store, NULL));
    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", own_store));
}
