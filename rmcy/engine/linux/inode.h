/* SPDX-License-Identifier: MIT
 *
 * What statx says about an inode, asked in ways that cannot wait for a server
 * that is gone.
 */
#pragma once

#include "identity.h"

struct rm_inode {
    struct rm_identity id;
    uint64_t mount; /* through which it was reached, by its number in the table of mounts */
    uint32_t uid;
    bool nameless;   /* no link to it is left */
    bool has_mount;  /* Linux 5.8 */
    bool mount_root; /* it is where that mount begins */
};

/* A name as anybody looks it up; that may wait. */
int rm_inode_look(const char *path, struct rm_inode *ret);

/* What a magic link such as fd/7 or exe leads to. */
int rm_inode_at(int dir, const char *name, struct rm_inode *ret);

/* A name, looked up under `root` (AT_FDCWD: ours) in what the kernel has at hand: -EAGAIN rather than waiting.
 * -EOPNOTSUPP: this kernel (before 5.12) or its sandbox cannot. */
int rm_inode_cached(int root, const char *path, struct rm_inode *ret);
