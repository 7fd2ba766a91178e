/* SPDX-License-Identifier: MIT
 *
 * Which processes have windows.
 */
#pragma once

#include "restartmanager.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_window {
    uint32_t pid;
    bool main; /* visible, of nobody's, and no tool's */
};

struct rm_desktop {
    struct rm_window *at;
    size_t count, space;
    bool failed;
};

/* The top-level windows of the caller's desktop. */
int rm_desktop_read(struct rm_desktop *ret);
void rm_desktop_done(struct rm_desktop *desktop);
/* RmMainWindow, RmOtherWindow, or RmUnknownApp: it has none. */
RM_APP_TYPE rm_desktop_type(const struct rm_desktop *desktop, uint32_t pid);
