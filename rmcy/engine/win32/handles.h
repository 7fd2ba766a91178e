/* SPDX-License-Identifier: MIT
 *
 * The system's table of open handles, as it stood at one moment: those that are
 * files.
 */
#pragma once

#include "restartmanager.h"

#include <stddef.h>
#include <stdint.h>

struct rm_handle {
    uint32_t pid;
    HANDLE value; /* in that process */
};

struct rm_handles {
    struct rm_handle *at; /* by process */
    size_t count;
};

int rm_handles_read(struct rm_handles *ret);
void rm_handles_done(struct rm_handles *handles);
/* Where those of a process begin, and how many there are. */
const struct rm_handle *rm_handles_of(const struct rm_handles *handles, uint32_t pid, size_t *ret_count);
