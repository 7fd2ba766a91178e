/* SPDX-License-Identifier: MIT
 *
 * Names of files that are looked up together, and what was found.
 */
#pragma once

#include "identity.h"

#include <stddef.h>

struct rm_names {
    char *text; /* one after the other, each with its NUL */
    size_t size, space;
    uint32_t count;
    struct rm_identity *ids; /* of rm_host_identify_all */
};

void rm_names_done(struct rm_names *names);
int rm_names_add(struct rm_names *names, const char *path);
