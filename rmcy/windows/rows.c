/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <stdlib.h>

#define SLACK 16
#define TRIES_AT_LEAST 6
#define TRIES_AT_MOST 64 /* ours */

void rm_rows_done(struct rm_rows *rows)
{
    free(rows->at);
    *rows = (struct rm_rows){0};
}

/* With more room to spare at each try. */
static bool grow(struct rm_rows *rows, UINT *capacity, UINT needed, UINT tries)
{
    UINT larger = (needed > *capacity ? needed : *capacity) + SLACK * tries;
    RM_PROCESS_INFO *at = larger > *capacity ? realloc(rows->at, larger * sizeof *at) : NULL;

    if (!at)
        return false;
    rows->at = at;
    *capacity = larger;
    return true;
}

DWORD rm_rows_get(DWORD handle, const struct rm_deadline *deadline, struct rm_rows *ret)
{
    struct rm_rows rows = {0};
    UINT capacity = 0, needed = 0, count;
    DWORD code;

    for (UINT tries = 1;; tries++) {
        if (!grow(&rows, &capacity, needed, tries)) {
            code = ERROR_OUTOFMEMORY;
            break;
        }
        count = capacity;
        rows.reboot_reasons = RmRebootReasonNone;
        code = RmGetList(handle, &needed, &count, rows.at, &rows.reboot_reasons);
        if (code == ERROR_SUCCESS && count <= capacity) {
            rows.count = count;
            *ret = rows;
            return code;
        }
        if (code != ERROR_SUCCESS && code != ERROR_MORE_DATA)
            break;
        rows.retries++;
        code = ERROR_MORE_DATA;
        if (tries >= TRIES_AT_LEAST && !rm_deadline_left(deadline)) {
            code = ERROR_SEM_TIMEOUT;
            break;
        }
        if (tries == TRIES_AT_MOST)
            break;
    }
    free(rows.at);
    return code;
}
