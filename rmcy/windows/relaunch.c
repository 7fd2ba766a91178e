/* SPDX-License-Identifier: MIT
 *
 * How the calling process wants to be started again.  Windows keeps arguments
 * and nothing else: it starts the program with the environment of whoever
 * restarts, and in a directory of its choice.
 */
#include "restartmanager_ext.h"

#include "command_line.h"

#include <stdbool.h>

static bool is_sound(const RMX_RELAUNCH *how)
{
    return how->size >= sizeof *how && !(how->flags & ~(uint32_t)RMX_RELAUNCH_NO_PATCH) &&
           (how->arguments || !how->argument_count) && (how->environment || !how->environment_count);
}

static DWORD code_of(HRESULT result)
{
    if (SUCCEEDED(result))
        return ERROR_SUCCESS;
    return result == E_INVALIDARG || result == HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER) ? ERROR_BAD_ARGUMENTS
                                                                                             : ERROR_WRITE_FAULT;
}

DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how)
{
    WCHAR line[RM_COMMAND_LINE_MAX + 1];

    if (!how)
        return code_of(UnregisterApplicationRestart());
    if (!is_sound(how) || rm_command_line_join(how->arguments, how->argument_count, line) < 0)
        return ERROR_BAD_ARGUMENTS;
    if (how->environment_count || how->directory)
        return ERROR_CALL_NOT_IMPLEMENTED;
    return code_of(RegisterApplicationRestart(line, how->flags));
}
