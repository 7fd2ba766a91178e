/* SPDX-License-Identifier: MIT
 *
 * What the tests of the rstrtmgr.dll have in common: a holder that runs beside
 * them, and a session of their own.
 */
#pragma once

#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

/* In this order. */
#include <windows.h>

#include <restartmanager.h>

#define HOLDER_WAIT 60000 /* ms: for what ends a test that hangs, and for nothing else */

struct holder {
    PROCESS_INFORMATION info;
    RM_UNIQUE_PROCESS process;
};

/* The program of that name beside the test. */
static inline void beside(const WCHAR *name, WCHAR path[MAX_PATH])
{
    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, L'\\') + 1, name);
}

static inline HANDLE open_pipe(HANDLE *ret_write)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    HANDLE read;
    CHECK(CreatePipe(&read, ret_write, &inherited, 0));
    CHECK(SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0));
    return read;
}

/* holder.c, with those arguments; back when it holds. */
static inline struct holder hold(const WCHAR *arguments)
{
    WCHAR program[MAX_PATH], command[3 * MAX_PATH];
    struct holder h = {0};
    FILETIME ended, kernel, user;
    char word[16];
    DWORD size = 0;
    HANDLE write, read = open_pipe(&write);
    STARTUPINFOW how = {.cb = sizeof(how), .dwFlags = STARTF_USESTDHANDLES, .hStdOutput = write};
    beside(L"holder.exe", program);
    swprintf(command, sizeof(command) / sizeof(*command), L"\"%ls\" %ls", program, arguments);
    CHECK(CreateProcessW(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &how, &h.info));
    CloseHandle(write);
    CHECK(ReadFile(read, word, sizeof(word), &size, NULL) && size >= 5 && memcmp(word, "ready", 5) == 0);
    CloseHandle(read);
    h.process.dwProcessId = h.info.dwProcessId;
    CHECK(GetProcessTimes(h.info.hProcess, &h.process.ProcessStartTime, &ended, &kernel, &user));
    return h;
}

static inline bool has_ended(const struct holder *h)
{
    return WaitForSingleObject(h->info.hProcess, 0) == WAIT_OBJECT_0;
}

static inline void release(struct holder *h)
{
    TerminateProcess(h->info.hProcess, 0);
    CHECK(WaitForSingleObject(h->info.hProcess, HOLDER_WAIT) == WAIT_OBJECT_0);
    CloseHandle(h->info.hProcess);
    CloseHandle(h->info.hThread);
}

/* ---- sessions ---- */

static inline DWORD start(void)
{
    WCHAR key[CCH_RM_SESSION_KEY + 1] = {0};
    DWORD session;
    CHECK(RmStartSession(&session, 0, key) == ERROR_SUCCESS);
    return session;
}

static inline DWORD start_with_file(const WCHAR *path)
{
    DWORD session = start();
    CHECK(RmRegisterResources(session, 1, &path, 0, NULL, 0, NULL) == ERROR_SUCCESS);
    return session;
}

static inline DWORD start_with_process(const struct holder *h)
{
    RM_UNIQUE_PROCESS process = h->process;
    DWORD session = start();
    CHECK(RmRegisterResources(session, 0, NULL, 1, &process, 0, NULL) == ERROR_SUCCESS);
    return session;
}

#define ROWS 16

struct list {
    RM_PROCESS_INFO rows[ROWS];
    UINT count;
    DWORD reasons;
};

static inline struct list list(DWORD session)
{
    struct list l = {.count = ROWS};
    UINT needed;
    CHECK(RmGetList(session, &needed, &l.count, l.rows, &l.reasons) == ERROR_SUCCESS);
    CHECK(needed == l.count);
    return l;
}

static inline const RM_PROCESS_INFO *find(const struct list *l, DWORD pid)
{
    for (UINT i = 0; i < l->count; i++)
        if (l->rows[i].Process.dwProcessId == pid)
            return &l->rows[i];
    return NULL;
}
