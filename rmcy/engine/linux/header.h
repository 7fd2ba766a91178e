/* SPDX-License-Identifier: MIT
 *
 * What a session's directory in the store says of the session: its number, its
 * owner, its label.  Written once, before the directory gets its name.
 */
#pragma once

#include "found.h"
#include "owner.h"

#include <stdint.h>

#define RM_SLOTS 64

struct rm_header {
    uint64_t checksum; /* of what follows */
    char magic[8];
    uint32_t slot;
    uint32_t reserved;
    struct rm_owner owner;
    int64_t started; /* seconds since 1970 */
    char label[RM_LABEL_SIZE];
};

/* For this process as the owner. */
int rm_header_init(struct rm_header *header, uint32_t slot, const char *label);

/* dir_fd: the session's directory. */
int rm_header_write(int dir_fd, struct rm_header *header);
/* -EBADMSG: not a header, or not a plain file.  -EPROTO: one of another version of rmcy, which says nothing here. */
int rm_header_read(int dir_fd, struct rm_header *ret);
