/* SPDX-License-Identifier: MIT
 *
 * Which file a name meant when it was registered.  A name says little on
 * Linux: a package manager replaces files by rename, and the next file it
 * writes may be given the old one's inode number at once.  Device, inode
 * number and birth time together are not given twice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum rm_identity_flags {
    RM_ID_BTIME = 1 << 0,     /* the file system keeps birth times */
    RM_ID_DIRECTORY = 1 << 1,
    RM_ID_MISSING = 1 << 2,   /* nothing had that name; every other field is 0 */
    RM_ID_DENIED = 1 << 3,    /* something may have that name, but it cannot be looked at;
                                 with RM_ID_MISSING: nothing had it the last time it could be */
    RM_ID_ODD_DEVICE = 1 << 4, /* a file system whose maps may show another device than stat (btrfs, overlayfs) */
    RM_ID_LOCAL = 1 << 5       /* a file system that answers without a server */
};

struct rm_identity {
    uint64_t device; /* major << 32 | minor */
    uint64_t inode;
    uint64_t btime; /* nanoseconds since 1970, modulo 2^64 */
    uint32_t flags;
    uint32_t reserved;
};

/* Same file?  Equality only: no clock is ever compared by order. */
static inline bool rm_identity_equal(const struct rm_identity *a, const struct rm_identity *b)
{
    if (a->device != b->device || a->inode != b->inode)
        return false;
    if (!(a->flags & b->flags & RM_ID_BTIME))
        return true;
    return a->btime == b->btime;
}

/* Known to be missing, not merely missing when it could last be looked at. */
static inline bool rm_flags_missing(uint32_t flags)
{
    return (flags & (RM_ID_MISSING | RM_ID_DENIED)) == RM_ID_MISSING;
}

/* Not a file that a process could hold as such: nothing there, nothing to be learned, or a directory. */
static inline bool rm_identity_is_odd(const struct rm_identity *id)
{
    return id->flags & (RM_ID_MISSING | RM_ID_DENIED | RM_ID_DIRECTORY);
}
