/* SPDX-License-Identifier: MIT
 *
 * Another process: this program again, in a role.  Both sides speak in lines
 * over pipes, so neither has to guess how far the other is.
 */
#pragma once

#include "../engine/check.h"

#include <windows.h>

#include <stdbool.h>

#define LINE_SIZE 256

struct child {
    HANDLE process, to, from;
};

static inline HANDLE inheritable(HANDLE handle)
{
    CHECK(SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    return handle;
}

/* role: the child's only argument */
static inline struct child child_start(const char *role)
{
    WCHAR program[2 * MAX_PATH], line[3 * MAX_PATH];
    PROCESS_INFORMATION process;
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    struct child child;
    HANDLE in, out;

    CHECK(CreatePipe(&in, &child.to, NULL, 0));
    CHECK(CreatePipe(&child.from, &out, NULL, 0));
    startup.hStdInput = inheritable(in);
    startup.hStdOutput = inheritable(out);
    startup.hStdError = inheritable(GetStdHandle(STD_ERROR_HANDLE));
    CHECK(GetModuleFileNameW(NULL, program, 2 * MAX_PATH));
    swprintf(line, 3 * MAX_PATH, L"\"%ls\" %hs", program, role);
    CHECK(CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    CloseHandle(process.hThread);
    CloseHandle(in);
    CloseHandle(out);
    child.process = process.hProcess;
    return child;
}

static inline void send_line(HANDLE to, const char *text)
{
    char line[LINE_SIZE];
    int size = snprintf(line, sizeof line, "%s\n", text);
    DWORD n;

    CHECK(WriteFile(to, line, (DWORD)size, &n, NULL) && n == (DWORD)size);
}

/* False at the end of what the other side has to say. */
static inline bool read_line(HANDLE from, char ret[LINE_SIZE])
{
    for (size_t i = 0; i < LINE_SIZE; i++) {
        DWORD n;

        if (!ReadFile(from, ret + i, 1, &n, NULL) || !n)
            return false;
        if (ret[i] == '\n') {
            ret[i] = 0;
            return true;
        }
    }
    CHECK(!"a line is too long");
    return false;
}

static inline void child_expect(struct child *child, const char *text)
{
    char line[LINE_SIZE];

    CHECK(read_line(child->from, line));
    CHECK(!strcmp(line, text));
}

static inline void child_close(struct child *child)
{
    CHECK_EQUAL(WaitForSingleObject(child->process, INFINITE), WAIT_OBJECT_0);
    CloseHandle(child->process);
    CloseHandle(child->from);
    if (child->to)
        CloseHandle(child->to);
}

/* Lets it end by itself: its standard input ends. */
static inline void child_end(struct child *child)
{
    DWORD status;

    CloseHandle(child->to);
    child->to = NULL;
    CHECK_EQUAL(WaitForSingleObject(child->process, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(child->process, &status));
    CHECK_EQUAL(status, 0);
    child_close(child);
}

static inline void child_kill(struct child *child)
{
    CHECK(TerminateProcess(child->process, 9));
    child_close(child);
}

/* ---- in the child ---- */

static inline void tell(const char *text)
{
    send_line(GetStdHandle(STD_OUTPUT_HANDLE), text);
}

static inline bool hear(char ret[LINE_SIZE])
{
    return read_line(GetStdHandle(STD_INPUT_HANDLE), ret);
}
