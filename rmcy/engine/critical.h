/* SPDX-License-Identifier: MIT
 *
 * What a caller adds, for its session, to the programs that are left alone
 * whatever they hold.  What counts as critical without being told is the
 * host's to know.
 */
#pragma once

#include "answer.h"

#include <stdbool.h>
#include <stddef.h>

struct rm_pattern {
    char *text;                /* a unit's name with wildcards, or the absolute path of a program */
    struct rm_identity module; /* of the program at that path; RM_ID_MISSING: nothing had it */
};

struct rm_critical {
    struct rm_pattern *patterns;
    size_t count, capacity;
};

/* A unit's name, in which * and ? stand for anything and ".service" may be left out, or the absolute path of a program:
 * then whatever runs from that path, and the file that has it now under whatever name it runs.  Added twice, it is
 * there once, and a path means the file that has it by then.  -EINVAL: it is neither.  May wait for a second or two where a path leads to a dead mount. */
int rm_critical_add(struct rm_critical *critical, const char *pattern);
int rm_critical_copy(const struct rm_critical *critical, struct rm_critical *ret);
void rm_critical_done(struct rm_critical *critical);

/* Does one of them mean that program?  Its unit (or NULL) and its executable count. */
bool rm_critical_has(const struct rm_critical *critical, const struct rm_program *program);

/* Is `name` what `pattern` says?  * stands for any number of characters, ? for one. */
bool rm_critical_matches(const char *pattern, const char *name);
