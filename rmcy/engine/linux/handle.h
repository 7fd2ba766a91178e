/* SPDX-License-Identifier: MIT
 *
 * By which number the kernel and a file system know an inode, generation
 * included: what an NFS server is told, and FUSE's node.  It says more than an
 * inode number does, which may have been given to another file, and to ask for
 * it nobody waits for a server.
 */
#pragma once

#include <stdint.h>

/* A hash of it, of what a name, or a magic link such as fd/7, leads to.  -EOPNOTSUPP: this file system or this kernel's
 * sandbox has none. */
int rm_handle_hash(int dir, const char *name, uint64_t *ret);
