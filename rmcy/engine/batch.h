/* SPDX-License-Identifier: MIT
 *
 * A caller's three arrays made into one record: names converted and checked,
 * each file looked at once.  Nothing is registered before the whole batch has
 * passed.
 */
#pragma once

#include "record.h"
#include "wait.h"

#include "restartmanager_ext.h"

struct rm_batch {
    UINT files, processes, services;
    LPCWSTR *file_names;
    const RM_UNIQUE_PROCESS *process_list;
    LPCWSTR *service_names;
    DWORD flags;      /* RMX_REGISTER_* */
    BYTE *file_state; /* `files` of RMX_FILE_*, or NULL */
};

/* -EINVAL, -EILSEQ, -ENAMETOOLONG: entry *ret_bad is malformed; -EISDIR: it is a directory and those are refused;
 * -ETIMEDOUT: it could not be looked up in time. */
int rm_batch_record(const struct rm_batch *batch, const struct rm_wait *wait, struct rm_record *record,
                    UINT *ret_bad);
