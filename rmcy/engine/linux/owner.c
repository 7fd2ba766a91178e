/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_boot_id(uint8_t ret[16])
{
    char text[64];
    long n = rm_procfs_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof text);
    int digits = 0;

    if (n < 0)
        return (int)n;
    memset(ret, 0, 16);
    for (const char *p = text; *p && digits < 32; p++) {
        const char *hex = "0123456789abcdef", *at = strchr(hex, *p);

        if (*p == '-' || !at)
            continue;
        ret[digits / 2] = (uint8_t)(ret[digits / 2] << 4 | (at - hex));
        digits++;
    }
    return digits == 32 ? 0 : -EBADMSG;
}

static int read_stat(uint32_t pid, struct rm_stat *ret)
{
    char path[32], text[RM_STAT_SIZE];
    long n;

    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    n = rm_procfs_read(AT_FDCWD, path, text, sizeof text);
    return n < 0 ? (int)n : rm_stat_parse(text, (size_t)n, ret);
}

int rm_owner_self(struct rm_owner *ret)
{
    struct rm_owner owner = {.pid = (uint32_t)getpid()};
    struct rm_stat process;
    struct stat namespace;
    int e;

    e = read_boot_id(owner.boot);
    if (e >= 0)
        e = read_stat(owner.pid, &process);
    if (e >= 0 && stat("/proc/self/ns/pid", &namespace) < 0)
        e = -errno;
    if (e < 0)
        return e;
    owner.start = process.start;
    owner.namespace = namespace.st_ino;
    *ret = owner;
    return 0;
}

enum rm_owner_state rm_owner_state(const struct rm_owner *owner)
{
    struct rm_owner self;
    struct rm_stat process;
    int e;

    if (rm_owner_self(&self) < 0)
        return RM_OWNER_FOREIGN;
    if (memcmp(owner->boot, self.boot, sizeof self.boot))
        return RM_OWNER_DEAD;
    if (owner->namespace != self.namespace)
        return RM_OWNER_FOREIGN;

    e = read_stat(owner->pid, &process);
    if (e == -ENOENT || e == -ESRCH)
        return RM_OWNER_DEAD;
    if (e < 0)
        return RM_OWNER_FOREIGN;
    /* A leader that has ended while other threads go on is an owner still. */
    if (process.start != owner->start || (rm_stat_ended(&process) && process.threads <= 1))
        return RM_OWNER_DEAD;
    return RM_OWNER_ALIVE;
}
