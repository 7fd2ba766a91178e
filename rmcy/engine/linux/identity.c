/* SPDX-License-Identifier: MIT
 *
 * Which file a name means now.
 */
#include "host.h"
#include "inode.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#ifndef BTRFS_SUPER_MAGIC
#define BTRFS_SUPER_MAGIC 0x9123683E
#endif
#ifndef OVERLAYFS_SUPER_MAGIC
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#endif
#define BCACHEFS_MAGIC 0xca451a4e /* has subvolumes like btrfs; newer than the headers */

/* Only file systems without a block device of their own can be odd, so that most files cost one call. */
static bool odd_device(const char *path, uint64_t device)
{
    struct statfs fs;
    if (device >> 32 || statfs(path, &fs) < 0)
        return false;
    uint64_t type = (uint32_t)fs.f_type;
    return type == BTRFS_SUPER_MAGIC || type == OVERLAYFS_SUPER_MAGIC || type == BCACHEFS_MAGIC;
}

int rm_host_identify(const char *path, struct rm_identity *ret)
{
    struct rm_inode inode;
    int r = rm_inode_look(path, &inode);
    switch (r) {
    case 0:
        if (odd_device(path, inode.id.device))
            inode.id.flags |= RM_ID_ODD_DEVICE;
        *ret = inode.id;
        return 0;
    case -ENOENT:
    case -ENOTDIR:
    case -ENAMETOOLONG: /* one part is longer than any name can be here */
        *ret = (struct rm_identity){.flags = RM_ID_MISSING};
        return 0;
    case -ENOMEM:
    case -EFAULT:
        return r;
    default: /* EACCES, ELOOP, EIO, ESTALE, ENOTCONN ... */
        *ret = (struct rm_identity){.flags = RM_ID_DENIED};
        return 0;
    }
}
