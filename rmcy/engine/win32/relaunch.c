/* SPDX-License-Identifier: MIT
 *
 * A wish is the command line that starts the program again, UTF-16 with its
 * NUL; the directory and the environment are the restarting program's, as on
 * Windows.
 *
 * A name that is used to start something is a volatile key of the registry:
 * whoever makes it starts the program, everybody else finds it there.
 */
#include "relaunch.h"

#include "command_line.h"
#include "error.h"
#include "procref.h"
#include "settle.h"
#include "text.h"
#include "wished.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define STARTED L"Software\\rmcy-test\\started\\"

/* ---- registering and reading ---- */

/* The program's name has no quotes in it. */
static int make_command(const RMX_RELAUNCH *how, WCHAR command[RM_WISH_UNITS])
{
    const DWORD space = RM_WISH_UNITS - RM_COMMAND_LINE_MAX - 4;
    command[0] = L'"';
    DWORD n = GetModuleFileNameW(NULL, command + 1, space);
    if (!n || n == space)
        return -EINVAL;
    command[1 + n] = L'"';
    command[2 + n] = how->argument_count ? L' ' : 0;
    long length = rm_command_line_join(how->arguments, how->argument_count, command + 3 + n);
    return length < 0 ? -EINVAL : 0;
}

int rm_host_relaunch_register(const RMX_RELAUNCH *how)
{
    if (!how || how->flags & RMX_RELAUNCH_NO_PATCH)
        return rm_wished_write(NULL);
    WCHAR *command = calloc(RM_WISH_UNITS, sizeof(*command));
    int r = command ? make_command(how, command) : -ENOMEM;
    if (r == 0)
        r = rm_wished_write(command);
    free(command);
    return r;
}

int rm_host_relaunch_read(const struct rm_pin *pin, void **ret, size_t *ret_size)
{
    WCHAR *command;
    RM_UNIQUE_PROCESS process = rm_host_pin_process(pin);
    int r = rm_wished_read(&process, &command);
    if (r < 0)
        return r;
    *ret = command;
    *ret_size = (wcslen(command) + 1) * sizeof(*command);
    return 0;
}

/* ---- starting ---- */

static void key_of(const char *unit, WCHAR key[320])
{
    wcscpy(key, STARTED);
    rm_text_from_bytes(unit, key + wcslen(key), 255);
}

/* -EEXIST: somebody has it; *ret is what it was started as, as far as that is known. */
static int take_name(const WCHAR *key, HKEY *ret_key, RM_UNIQUE_PROCESS *ret)
{
    DWORD how, size = sizeof(*ret);
    LSTATUS status = RegCreateKeyExW(HKEY_CURRENT_USER, key, 0, NULL, REG_OPTION_VOLATILE,
                                     KEY_SET_VALUE | KEY_QUERY_VALUE, NULL, ret_key, &how);
    if (status != ERROR_SUCCESS)
        return rm_error((DWORD)status);
    if (how == REG_CREATED_NEW_KEY)
        return 0;
    *ret = (RM_UNIQUE_PROCESS){0};
    RegGetValueW(*ret_key, NULL, L"process", RRF_RT_REG_BINARY, NULL, ret, &size);
    RegCloseKey(*ret_key);
    return -EEXIST;
}

static int start(const WCHAR *wish, PROCESS_INFORMATION *ret)
{
    STARTUPINFOW how = {.cb = sizeof(how)};
    WCHAR *command = _wcsdup(wish); /* CreateProcessW writes into it */
    if (!command)
        return -ENOMEM;
    /* A console program gets a console of its own, as on Windows. */
    bool started = CreateProcessW(NULL, command, NULL, NULL, FALSE, CREATE_NEW_CONSOLE, NULL, NULL, &how, ret);
    int r = started ? 0 : rm_last_error();
    free(command);
    return r;
}

int rm_host_relaunch_start(const void *wish, size_t size, const char *unit, const struct rm_wait *wait,
                           RM_UNIQUE_PROCESS *ret)
{
    const WCHAR *command = wish;
    WCHAR key[320];
    PROCESS_INFORMATION started;
    RM_UNIQUE_PROCESS process = {0};
    bool ended = false;
    HKEY name;
    if (size < 2 * sizeof(*command) || size % sizeof(*command) || command[size / sizeof(*command) - 1])
        return -EBADMSG;
    key_of(unit, key);
    int r = take_name(key, &name, ret);
    if (r < 0)
        return r;
    r = start(command, &started);
    if (r == 0) {
        CloseHandle(started.hThread);
        if (rm_process_identify(started.hProcess, started.dwProcessId, &process) == 0)
            RegSetValueExW(name, L"process", 0, REG_BINARY, (const BYTE *)&process, sizeof(process));
        r = rm_settle(&process, &ended, 1, wait);
        if (ended)
            r = -ECHILD;
        CloseHandle(started.hProcess);
    }
    RegCloseKey(name);
    if (r == 0)
        *ret = process;
    else if (r != -ECANCELED) /* it does not run: it may be tried again */
        RegDeleteKeyW(HKEY_CURRENT_USER, key);
    return r;
}
