/* SPDX-License-Identifier: MIT
 *
 * statx with AT_STATX_DONT_SYNC answers from memory, also for network and FUSE
 * file systems whose server does not answer.
 */
#include "inode.h"

#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHED 0x20
#define IN_ROOT 0x10
#define NO_MAGIC_LINKS 0x02

/* The header that we build with may be older than these: Linux 5.8. */
#define MOUNT_ID 0x1000
#define MOUNT_ROOT 0x2000
#define MOUNT_ID_AT (offsetof(struct statx, stx_dev_minor) + sizeof(uint32_t))

struct how {
    uint64_t flags, mode, resolve;
};

static void take(const struct statx *x, struct rm_inode *ret)
{
    *ret = (struct rm_inode){
        .id = {.device = (uint64_t)x->stx_dev_major << 32 | x->stx_dev_minor, .inode = x->stx_ino},
        .uid = x->stx_uid,
        .nameless = (x->stx_mask & STATX_NLINK) && x->stx_nlink == 0,
        .has_mount = x->stx_mask & MOUNT_ID,
        .mount_root = x->stx_attributes & x->stx_attributes_mask & MOUNT_ROOT,
    };
    if (ret->has_mount)
        memcpy(&ret->mount, (const char *)x + MOUNT_ID_AT, sizeof(ret->mount));
    if (x->stx_mask & STATX_BTIME) {
        ret->id.btime = (uint64_t)x->stx_btime.tv_sec * 1000000000u + x->stx_btime.tv_nsec;
        ret->id.flags |= RM_ID_BTIME;
    }
    if ((x->stx_mask & STATX_TYPE) && S_ISDIR(x->stx_mode))
        ret->id.flags |= RM_ID_DIRECTORY;
}

static int ask(int dir, const char *name, int flags, unsigned mask, struct rm_inode *ret)
{
    struct statx x;
    if (statx(dir, name, flags | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, mask, &x) < 0)
        return -errno;
    take(&x, ret);
    return 0;
}

#define ALL (STATX_TYPE | STATX_NLINK | STATX_INO | STATX_BTIME | STATX_UID)

int rm_inode_look(const char *path, struct rm_inode *ret)
{
    return ask(AT_FDCWD, path, 0, ALL, ret);
}

int rm_inode_at(int dir, const char *name, struct rm_inode *ret)
{
    int r = ask(dir, name, 0, ALL, ret);
    /* A FUSE file system that admits one user refuses all others, root too, but says which inode it is to those
     * who ask for nothing more.  A process that may not be looked at refuses that as well. */
    if (r == -EACCES)
        r = ask(dir, name, 0, 0, ret);
    return r;
}

int rm_inode_cached(int root, const char *path, struct rm_inode *ret)
{
    struct how how = {.flags = O_PATH | O_CLOEXEC, .resolve = CACHED};
    if (root != AT_FDCWD)
        how.resolve |= IN_ROOT | NO_MAGIC_LINKS;
    long fd = syscall(RM_CALL_OPENAT2, root, path, &how, sizeof(how));
    if (fd < 0) {
        int r = -errno;
        return r == -EINVAL || r == -ENOSYS || r == -EPERM ? -EOPNOTSUPP : r;
    }
    int r = ask((int)fd, "", AT_EMPTY_PATH, ALL, ret);
    close((int)fd);
    return r;
}
