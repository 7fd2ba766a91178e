/* SPDX-License-Identifier: MIT
 *
 * How the calling process wants to be started again: checked as Windows checks
 * its command line, and handed to the host.
 */
#include "restartmanager_ext.h"

#include "abi.h"
#include "command_line.h"
#include "host.h"
#include "relaunch.h"
#include "status.h"

#include <errno.h>
#include <string.h>

#define ENVIRONMENT_MAX 32767u /* ours, in bytes: what Windows had for a whole environment */

/* Ours: what POSIX calls a name, for that is what every service manager and shell accepts. */
static size_t measure_name(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    size_t n = *text >= '0' && *text <= '9' ? 0 : strspn(text, letters);
    return text[n] == '=' ? n : 0;
}

static bool is_named_before(const char *const *environment, uint32_t at, size_t name)
{
    for (uint32_t i = 0; i < at; i++)
        if (strncmp(environment[i], environment[at], name + 1) == 0)
            return true;
    return false;
}

static bool is_environment(const char *const *environment, uint32_t count)
{
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t name = environment[i] ? measure_name(environment[i]) : 0;
        size += name ? strlen(environment[i]) + 1 : 0;
        if (!name || size > ENVIRONMENT_MAX || is_named_before(environment, i, name))
            return false;
    }
    return true;
}

static bool is_sound(const RMX_RELAUNCH *how)
{
    WCHAR line[RM_COMMAND_LINE_MAX + 1];

    return how->size >= sizeof(*how) && !(how->flags & ~RMX_RELAUNCH_NO_PATCH) &&
           (how->arguments || !how->argument_count) && (how->environment || !how->environment_count) &&
           rm_command_line_join(how->arguments, how->argument_count, line) >= 0 &&
           is_environment(how->environment, how->environment_count) &&
           (!how->directory || rm_host_is_absolute(how->directory));
}

DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how)
{
    if (how && !is_sound(how))
        return ERROR_BAD_ARGUMENTS;
    return rm_status_from_errno(rm_host_relaunch_register(how));
}
