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

/* Those with a block device of their own are local and not odd, so that most files cost one call. */
static uint32_t file_system_flags(const char *path, uint64_t device)
{
    struct statfs fs;
    if (device >> 32)
        return RM_ID_LOCAL;
    if (statfs(path, &fs) < 0)
        return 0;
    switch ((uint32_t)fs.f_type) {
    case BTRFS_SUPER_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case BCACHEFS_MAGIC:
        return RM_ID_LOCAL | RM_ID_ODD_DEVICE;
    case TMPFS_MAGIC:
        return RM_ID_LOCAL;
    default:
        return 0;
    }
}

int rm_host_identify(const char *path, struct rm_identity *ret)
{
    struct rm_inode inode;
    int r = rm_inode_look(path, &inode);
    switch (r) {
    case 0:
        inode.id.flags |= file_system_flags(path, inode.id.device);
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
