/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
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

static int read_stat(const char *path, struct rm_stat *ret)
{
    char text[RM_STAT_SIZE];
    long n = rm_procfs_read(AT_FDCWD, path, text, sizeof text);

    return n < 0 ? (int)n : rm_stat_parse(text, (size_t)n, ret);
}

/* Where we are: boot and namespaces of an owner. */
static int find_place(struct rm_owner *ret)
{
    struct rm_owner owner = {0};
    struct stat st;
    int e = read_boot_id(owner.boot);

    if (e < 0)
        return e;
    if (stat("/proc/self/ns/pid", &st) < 0)
        return -errno;
    owner.namespace = st.st_ino;
    if (stat("/proc/self/ns/time", &st) == 0)
        owner.time_namespace = (uint32_t)st.st_ino;
    *ret = owner;
    return 0;
}

/* Does /proc number processes as system calls do here?  One that was mounted in another pid namespace does not. */
static bool proc_is_ours(void)
{
    char link[16], number[16];
    ssize_t n = readlink("/proc/self", link, sizeof link - 1);

    if (n < 0)
        return false;
    link[n] = 0;
    snprintf(number, sizeof number, "%d", getpid());
    return !strcmp(link, number);
}

int rm_owner_self(struct rm_owner *ret)
{
    struct rm_owner owner;
    struct rm_stat process;
    int e = find_place(&owner);

    if (e >= 0)
        e = read_stat("/proc/self/stat", &process);
    if (e < 0)
        return e == -ENOENT ? -EIO : e; /* no /proc */
    owner.pid = (uint32_t)getpid();
    owner.start = process.start;
    *ret = owner;
    return 0;
}

enum rm_owner_state rm_owner_state(const struct rm_owner *owner)
{
    struct rm_owner here;
    struct rm_stat process;
    char path[32];
    int e;

    if (find_place(&here) < 0)
        return RM_OWNER_FOREIGN;
    if (memcmp(owner->boot, here.boot, sizeof here.boot))
        return RM_OWNER_DEAD;
    if (owner->namespace != here.namespace || owner->time_namespace != here.time_namespace || !proc_is_ours())
        return RM_OWNER_FOREIGN;

    snprintf(path, sizeof path, "/proc/%u/stat", owner->pid);
    e = read_stat(path, &process);
    /* hidepid hides also one's own processes, those that may not be traced. */
    if (e == -ENOENT || e == -ESRCH)
        return kill((pid_t)owner->pid, 0) < 0 && errno == ESRCH ? RM_OWNER_DEAD : RM_OWNER_FOREIGN;
    if (e < 0)
        return RM_OWNER_FOREIGN;
    /* A leader that has ended while other threads go on is an owner still. */
    if (process.start != owner->start || (rm_stat_ended(&process) && process.threads <= 1))
        return RM_OWNER_DEAD;
    return RM_OWNER_ALIVE;
}

bool rm_owner_is_past(const struct rm_owner *owner)
{
    uint8_t boot[16];

    return read_boot_id(boot) >= 0 && memcmp(owner->boot, boot, sizeof boot) != 0;
}
