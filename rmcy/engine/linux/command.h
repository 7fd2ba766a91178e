/* SPDX-License-Identifier: MIT
 *
 * A wish as systemd takes it over the bus.  That has UTF-8 only, and refuses
 * some of what can stand in an environment and some names of directories.
 * What does not fit goes by way of a shell, as a script of ASCII letters,
 * digits and octal numbers; it ends in `exec`, so nothing of the shell is left.
 */
#pragma once

#include "wish.h"

struct rm_command {
    const char *path;
    const char *directory;
    uint32_t argument_count, environment_count;
    char **arguments;   /* a $ is $$: what is expanded in units is expanded here too */
    const char **environment;
};

/* One block, to be freed; it points into the wish as well.  -E2BIG. */
int rm_command_make(const struct rm_wish *wish, struct rm_command **ret);
