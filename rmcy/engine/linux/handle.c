/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A file system may choose its numbers to be mistaken for others, so the hash is one that nobody can aim at. */
int rm_handle_hash(int dir, const char *name, uint64_t *ret)
{
    union {
        struct file_handle handle;
        uint8_t bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } h = {.handle.handle_bytes = MAX_HANDLE_SZ};
    uint8_t hash[32];
    int mount;
    if (name_to_handle_at(dir, name, &h.handle, &mount, AT_SYMLINK_FOLLOW) < 0)
        return errno == ENOSYS || errno == EPERM || errno == EOVERFLOW ? -EOPNOTSUPP : -errno;
    rm_sha256(h.bytes, sizeof(struct file_handle) + h.handle.handle_bytes, hash);
    memcpy(ret, hash, sizeof(*ret));
    return 0;
}
