/* SPDX-License-Identifier: MIT */
#include "processes.h"

#include "items.h"
#include "text.h"

#include <psapi.h>
#include <stdlib.h>
#include <string.h>

#define PATH_UNITS 32768
#define LOOK (PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE)

/* Then the thread is somebody else, and stays so. */
static bool is_impersonating(void)
{
    HANDLE token;

    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        return GetLastError() != ERROR_NO_TOKEN; /* somebody anonymous cannot be asked */
    CloseHandle(token);
    return true;
}

/* As somebody who may debug, if this process may become that: for this thread and this moment only. */
static HANDLE open_as_debugger(DWORD pid)
{
    TOKEN_PRIVILEGES debug = {.PrivilegeCount = 1};
    HANDLE process = NULL, token;

    debug.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    if (is_impersonating() || !LookupPrivilegeValueW(NULL, L"SeDebugPrivilege", &debug.Privileges[0].Luid) ||
        !ImpersonateSelf(SecurityImpersonation))
        return NULL;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES, TRUE, &token)) {
        if (AdjustTokenPrivileges(token, FALSE, &debug, 0, NULL, NULL))
            process = OpenProcess(LOOK, FALSE, pid);
        CloseHandle(token);
    }
    RevertToSelf();
    return process;
}

/* NULL: *ret_code says why. */
static HANDLE open_pid(DWORD pid, DWORD *ret_code)
{
    HANDLE process = OpenProcess(LOOK, FALSE, pid);

    if (!process && GetLastError() == ERROR_ACCESS_DENIED) {
        process = open_as_debugger(pid);
        *ret_code = ERROR_ACCESS_DENIED;
    } else {
        *ret_code = ERROR_FILE_NOT_FOUND;
    }
    /* Windows takes the three pids behind one for the same; and an ended process can be opened as long as somebody else
     * has it open. */
    if (process && (GetProcessId(process) != pid || WaitForSingleObject(process, 0) == WAIT_OBJECT_0)) {
        CloseHandle(process);
        *ret_code = ERROR_FILE_NOT_FOUND;
        return NULL;
    }
    return process;
}

static bool identify(HANDLE process, DWORD pid, RM_UNIQUE_PROCESS *ret)
{
    FILETIME start, end, kernel, user;

    if (!GetProcessTimes(process, &start, &end, &kernel, &user))
        return false;
    ret->dwProcessId = pid;
    ret->ProcessStartTime = start;
    return true;
}

HANDLE rm_process_open(const RM_UNIQUE_PROCESS *process)
{
    RM_UNIQUE_PROCESS now;
    DWORD code;
    HANDLE opened = open_pid(process->dwProcessId, &code);

    if (opened && (!identify(opened, process->dwProcessId, &now) || !rm_process_is_same(process, &now))) {
        CloseHandle(opened);
        return NULL;
    }
    return opened;
}

bool rm_process_is_alive(const RM_UNIQUE_PROCESS *process)
{
    RM_UNIQUE_PROCESS now;
    DWORD code;
    HANDLE opened = open_pid(process->dwProcessId, &code);
    bool alive;

    if (!opened)
        return code == ERROR_ACCESS_DENIED;
    alive = !identify(opened, process->dwProcessId, &now) || rm_process_is_same(process, &now);
    CloseHandle(opened);
    return alive;
}

bool rm_process_is_self(const RM_UNIQUE_PROCESS *process)
{
    RM_UNIQUE_PROCESS self;

    return process->dwProcessId == GetCurrentProcessId() &&
           identify(GetCurrentProcess(), GetCurrentProcessId(), &self) && rm_process_is_same(process, &self);
}

bool rm_process_may_be_ended(const RM_UNIQUE_PROCESS *process)
{
    HANDLE opened = OpenProcess(PROCESS_TERMINATE, FALSE, process->dwProcessId);

    if (opened)
        CloseHandle(opened);
    return opened != NULL;
}

char *rm_process_exe(HANDLE process)
{
    WCHAR *path = malloc(PATH_UNITS * sizeof *path);
    DWORD units = PATH_UNITS;
    char *exe = NULL, *shorter;
    long size;

    if (!path || !QueryFullProcessImageNameW(process, 0, path, &units))
        goto out;
    exe = malloc((size_t)units * 3 + 1);
    if (!exe)
        goto out;
    size = rm_text_to_bytes(path, exe, (size_t)units * 3);
    exe[size > 0 ? size : 0] = 0;
    shorter = realloc(exe, strlen(exe) + 1);
    exe = shorter ? shorter : exe;
out:
    free(path);
    return exe;
}

/* The SID of a process's user; free() frees it. */
static TOKEN_USER *user_of(HANDLE process)
{
    TOKEN_USER *user = NULL;
    HANDLE token;
    DWORD size = 0;

    if (!OpenProcessToken(process, TOKEN_QUERY, &token))
        return NULL;
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    user = malloc(size ? size : 1);
    if (user && !GetTokenInformation(token, TokenUser, user, size, &size)) {
        free(user);
        user = NULL;
    }
    CloseHandle(token);
    return user;
}

bool rm_process_is_mine(HANDLE process)
{
    TOKEN_USER *theirs = user_of(process), *mine = user_of(GetCurrentProcess());
    bool same = theirs && mine && EqualSid(theirs->User.Sid, mine->User.Sid);

    free(theirs);
    free(mine);
    return same;
}

static bool runs(DWORD pid, const char *exe, const FILETIME *since, RM_UNIQUE_PROCESS *ret)
{
    bool found = false;
    HANDLE process = OpenProcess(LOOK, FALSE, pid);
    char *path;

    if (!process)
        return false;
    if (WaitForSingleObject(process, 0) != WAIT_OBJECT_0 && identify(process, pid, ret) &&
        CompareFileTime(&ret->ProcessStartTime, since) >= 0) {
        path = rm_process_exe(process);
        found = path && _stricmp(path, exe) == 0; /* whoever starts it need not spell it as before */
        free(path);
    }
    CloseHandle(process);
    return found;
}

bool rm_process_find(const char *exe, const FILETIME *since, rm_process_taken taken, const void *context,
                     RM_UNIQUE_PROCESS *ret)
{
    DWORD space = 1024, size, *pids = NULL, *larger;
    RM_UNIQUE_PROCESS process;
    bool found = false;

    do { /* until not all of it was needed */
        space *= 2;
        larger = realloc(pids, space * sizeof *pids);
        if (!larger)
            goto out;
        pids = larger;
        if (!EnumProcesses(pids, space * (DWORD)sizeof *pids, &size))
            goto out;
    } while (size == space * sizeof *pids);
    for (DWORD i = 0; !found && i < size / sizeof *pids; i++)
        found = pids[i] && runs(pids[i], exe, since, &process) && !taken(context, &process);
    if (found)
        *ret = process;
out:
    free(pids);
    return found;
}

DWORD RmxGetProcess(DWORD pid, RM_UNIQUE_PROCESS *ret_process)
{
    HANDLE process;
    DWORD code;

    if (!ret_process)
        return ERROR_BAD_ARGUMENTS;
    process = open_pid(pid, &code);
    if (!process)
        return code;
    code = identify(process, pid, ret_process) ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;
    CloseHandle(process);
    return code;
}
