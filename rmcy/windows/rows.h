/* SPDX-License-Identifier: MIT
 *
 * What RmGetList answers, asked for until the answer fits.
 */
#pragma once

#include "deadline.h"

struct rm_rows {
    RM_PROCESS_INFO *at;
    UINT count;
    DWORD reboot_reasons;
    unsigned retries; /* lost races */
};

/* ERROR_MORE_DATA, ERROR_SEM_TIMEOUT: the list grew faster than it could be read, to the end.  There are rows only with
 * ERROR_SUCCESS. */
DWORD rm_rows_get(DWORD handle, const struct rm_deadline *deadline, struct rm_rows *ret);
void rm_rows_done(struct rm_rows *rows);
