/* SPDX-License-Identifier: MIT
 *
 * One batch of registrations as bytes: what a secondary appends to its log and
 * what the primary reads from it.  A primary's own batches take the same way,
 * so there is one place where a batch is checked and one where it is applied.
 *
 * Layout, in the machine's byte order (a store never leaves its machine): a
 * header, then `files` times identity + name, then processes, then service
 * names.  Lists of files are alike from line to line (one folder after the
 * other, written one after the other), and the store is memory: so a file is
 * told by what differs from the file before, which takes 25 bytes instead of
 * 100 and lets a million paths go where there is room for 64 MiB.
 */
#pragma once

#include "identity.h"
#include "resource.h"
#include "restartmanager.h"
#include "text.h"

#include <stddef.h>
#include <stdint.h>

/* With its NUL. */
#define RM_RECORD_NAME (RM_PATH_LIMIT + 1)

struct rm_record {
    uint8_t *data;
    size_t size, capacity;
    struct rm_identity id; /* of the file before */
    const char *name;      /* and its name: the caller's, see rm_record_add_file */
    size_t length;
};

void rm_record_done(struct rm_record *record);

/* In this order: begin, files, processes, services.  -ENAMETOOLONG.  A path has to stay where it is until the next one
 * has been added. */
int rm_record_begin(struct rm_record *record);
int rm_record_add_file(struct rm_record *record, const char *path, const struct rm_identity *id);
int rm_record_add_process(struct rm_record *record, const RM_UNIQUE_PROCESS *process);
int rm_record_add_service(struct rm_record *record, const char *name);
bool rm_record_is_empty(const struct rm_record *record);

/* Registers a whole batch or nothing.  -EBADMSG: not a batch (the bytes may come from anywhere). */
int rm_record_apply(const void *data, size_t size, struct rm_resources *resources);
