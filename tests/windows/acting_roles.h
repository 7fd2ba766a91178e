/* SPDX-License-Identifier: MIT
 *
 * What the other processes of test_acting.c do: they hold a file.
 */
#pragma once

#include "child.h"
#include "wish.h"

static WCHAR path[MAX_PATH];

static HANDLE open_file(void)
{
    HANDLE file;

    CHECK(GetTempPathW(MAX_PATH - 16, path));
    wcscat(path, L"rmcy-acting");
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, 0,
                       NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    return file;
}

static void register_restart(void)
{
    WCHAR program[MAX_PATH], command[2 * MAX_PATH];

    CHECK(GetModuleFileNameW(NULL, program, MAX_PATH));
    swprintf(command, 2 * MAX_PATH, L"\"%ls\" again", program);
    CHECK(keep_wish(command));
}

static BOOL WINAPI refuse(DWORD event)
{
    if (event == CTRL_C_EVENT)
        tell("asked");
    return event == CTRL_C_EVENT;
}

static int play(const char *role)
{
    char line[LINE_SIZE];

    open_file();
    if (!strcmp(role, "registered"))
        register_restart();
    if (!strcmp(role, "stubborn"))
        CHECK(SetConsoleCtrlHandler(refuse, TRUE));
    if (!strcmp(role, "again"))
        Sleep(INFINITE); /* whoever started it ends it */
    tell("ready");
    while (hear(line))
        ;
    return 0;
}

static struct child start(const char *role)
{
    struct child child = child_start(role);

    child_expect(&child, "ready");
    return child;
}

static DWORD pid_of(const struct child *child)
{
    return GetProcessId(child->process);
}

static bool has_ended(const struct child *child)
{
    return WaitForSingleObject(child->process, 0) == WAIT_OBJECT_0;
}
