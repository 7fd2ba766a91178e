/* SPDX-License-Identifier: MIT
 *
 * The kernel's table of mounts, as the calling thread sees it: in which mount
 * a name lies, without asking any file system.
 */
#pragma once

#include "inode.h"

#include <stddef.h>
#include <stdint.h>

struct rm_mount {
    uint64_t id, parent;
    uint64_t device;   /* major << 32 | minor */
    const char *point; /* where it begins */
    size_t point_length;
};

struct rm_mounts {
    char *text; /* what `all` points into */
    struct rm_mount *all;
    size_t count;
    struct rm_inode root; /* the caller's root directory, where names begin */
};

/* proc: an open /proc.  -EOPNOTSUPP before Linux 5.8. */
int rm_mounts_read(int proc, struct rm_mounts *ret);
void rm_mounts_done(struct rm_mounts *m);

/* The lines of mountinfo; `text` ends with a zero after `length`, and is rm_mounts_done's even after an error.
 * -EBADMSG for what cannot be understood. */
int rm_mounts_parse_take(char *text, size_t length, struct rm_mounts *ret);

/* The mount that an absolute name without symbolic links leads into.  -EXDEV: the caller's root is a
 * directory somewhere in that mount, and what lies outside of it can have the same name. */
int rm_mounts_find(const struct rm_mounts *m, const char *name, struct rm_mount *ret);
