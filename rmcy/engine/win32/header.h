/* SPDX-License-Identifier: MIT
 *
 * What the store says of a session: its number, its owner, its label.
 */
#pragma once

#include "found.h"

#include <stdint.h>

#define RM_HEADER_FILE "session"

struct rm_header {
    uint64_t checksum; /* of what follows */
    char magic[8];
    uint32_t slot;
    uint32_t owner_pid;
    uint64_t owner_start;
    int64_t started; /* seconds since 1970 */
    char label[RM_LABEL_SIZE];
};

/* For this process as the owner. */
int rm_header_init(struct rm_header *header, uint32_t slot, const char *label);
/* folder: the session's.  The session is there from here on. */
int rm_header_write(const WCHAR *folder, struct rm_header *header);
/* -ENOENT: there is no such session (any more); -EBADMSG: that is none. */
int rm_header_read(const WCHAR *folder, struct rm_header *ret);

/* RMX_SESSION_LIVE, _ABANDONED, or _FOREIGN: its owner cannot be looked at. */
uint32_t rm_header_state(const struct rm_header *header);
