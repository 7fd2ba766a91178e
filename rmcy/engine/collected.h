/* SPDX-License-Identifier: MIT
 *
 * What an answer has collected, as answer.c adds to it and block.c lays it out.
 */
#pragma once

#include "answer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_CAUSES (RMX_SKIP_FILE + 1)
#define RM_KINDS (RMX_USE_EXECUTABLE + 1)
#define RM_NO_TEXT UINT32_MAX

struct rm_row {
    RM_PROCESS_INFO info;
    uint32_t uid, manager_uid, first_use, use_count, exe, unit, cause;
    struct rm_pin *pin; /* or NULL */
};

struct rm_skip {
    uint32_t *pids;
    size_t pid_count, pid_space;
    uint32_t count;
    bool set;
};

/* A file and a kind, and the last program (counted from 1; 0: a free place) that was said to use it so. */
struct rm_seen_use {
    uint32_t file, kind, program;
};

struct rm_answer {
    struct rm_row *rows;
    size_t row_count, row_space;
    RMX_USE *uses;
    size_t use_count, use_space;
    char *text;
    size_t text_size, text_space;
    struct rm_seen_use *seen; /* open addressing: as large as what is in use asks for, however many are registered */
    size_t seen_count, seen_space;
    struct rm_skip skips[RM_CAUSES];
    uint32_t *missing; /* in text */
    size_t missing_count, missing_space;
    uint32_t reboot_reasons;
    struct rm_answer_counts counts;
    const struct rm_filters *filters; /* or NULL */
    struct rm_ledger *history;        /* or NULL */
};
