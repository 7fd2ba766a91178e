/* SPDX-License-Identifier: MIT
 *
 * What an answer is made of, before it becomes the one block that a caller gets.
 */
#pragma once

#include "rows.h"

#include <stdint.h>

/* What is known of a row beside it. */
struct rm_extra {
    char *exe; /* or NULL */
    uint32_t cause;
};

struct rm_answer {
    struct rm_rows rows;
    struct rm_extra *extras; /* one for each row */
    const WCHAR **missing;   /* names */
    const WCHAR **directories;
    UINT missing_count, directory_count;
    UINT denied_count; /* files that cannot be looked at */
};

void rm_answer_done(struct rm_answer *answer); /* the names are not its own */
/* One block, which free() frees.  NULL: no memory. */
RMX_LIST *rm_answer_block(const struct rm_answer *answer, uint64_t nanoseconds);
