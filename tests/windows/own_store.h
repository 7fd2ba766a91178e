/* SPDX-License-Identifier: MIT
 *
 * A store of the test's own, which its children share.
 */
#pragma once

#include "../engine/check.h"

#include <windows.h>

static WCHAR own_store[MAX_PATH + 64]; /* what %LOCALAPPDATA% is here */

/* In an empty directory; again: in another one. */
static inline void store_renew(void)
{
    static unsigned count;
    WCHAR temporary[MAX_PATH];

    CHECK(GetTempPathW(MAX_PATH, temporary));
    swprintf(own_store, sizeof own_store / sizeof *own_store, L"%lsrmcy-test-%lu-%u", temporary, GetCurrentProcessId(),
             count++);
    CHECK(CreateDirectoryW(own_store, NULL));
    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", own_store));
}

/* own_store\name */
static inline void store_path(const WCHAR *name, WCHAR ret[2 * MAX_PATH])
{
    swprintf(ret, 2 * MAX_PATH, L"%ls\\%ls", own_store, name);
}
