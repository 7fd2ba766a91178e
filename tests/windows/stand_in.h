/* SPDX-License-Identifier: MIT
 *
 * A Restart Manager that behaves as badly as Windows' own has been seen to, or
 * as nobody can make it behave when that is wanted: a key without its end, a
 * registry that is full, a list that grows while it is read, a task that only
 * ends by being cancelled, callbacks from another thread.  Tests link it with
 * the sources of restartmanager_ext.dll, in place of Rstrtmgr.dll: neither
 * Windows' own nor the one that is built for the tests does these things.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>

#define STAND_IN_ROWS 64

struct stand_in {
    DWORD handle; /* of the session */

    /* registering */
    UINT at_once;       /* files that one call takes; more: ERROR_WRITE_FAULT */
    LPCWSTR refused;    /* a file that no call takes */
    LPCWSTR *files;     /* what was registered, room for file_space */
    UINT file_space, file_count, calls, processes, services;

    /* listing */
    RM_PROCESS_INFO rows[STAND_IN_ROWS];
    UINT row_count, growth; /* rows more at each call that they do not fit into */
    UINT asked;
    DWORD reasons, list_code;

    /* tasks */
    HANDLE under_way; /* set when one has begun */
    HANDLE cancelled; /* where there is one, a task ends when it is set */
    bool list_waits, shutdown_waits;
    UINT restarts;
    DWORD shutdown_code, restart_code, shutdown_flags;
    void (*shutdown)(RM_WRITE_STATUS_CALLBACK status); /* what else it does */
    void (*restart)(RM_WRITE_STATUS_CALLBACK status);

    /* filters, as they are now */
    struct stand_in_filter {
        RM_UNIQUE_PROCESS process;
        WCHAR service[CCH_RM_MAX_SVC_NAME + 1];
        RM_FILTER_ACTION action;
    } filters[8];
    UINT filter_count;
    void (*filters_spoilt)(RM_FILTER_INFO *first, DWORD *needed); /* what is wrong with the list of them */
};

extern struct stand_in stand_in;

void stand_in_renew(void);
/* RmInvalidFilterAction: there is none. */
RM_FILTER_ACTION stand_in_filter(const RM_UNIQUE_PROCESS *process, const WCHAR *service);
