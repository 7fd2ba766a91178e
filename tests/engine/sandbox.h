/* SPDX-License-Identifier: MIT
 *
 * A mount namespace with an empty /run and /dev/shm of its own, so that a test
 * of the session store has one to fill, break and throw away.
 */
#pragma once

#include "check.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* `options` of the tmpfs that becomes /run, such as "size=64k". */
static inline void sandbox_enter(const char *options)
{
    unsigned uid = geteuid(), gid = getegid();
    char map[64];

    if (uid == 0) {
        if (unshare(CLONE_NEWNS) < 0)
            exit(SKIPPED);
    } else {
        if (unshare(CLONE_NEWNS | CLONE_NEWUSER) < 0)
            exit(SKIPPED);
        write_file("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %u 1\n", uid);
        write_file("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1\n", gid);
        write_file("/proc/self/gid_map", map);
    }
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    CHECK(mount("tmpfs", "/run", "tmpfs", 0, options) == 0);
    CHECK(mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") == 0);
}

/* An empty /run again, whatever was in it. */
static inline void sandbox_renew(const char *options)
{
    CHECK(umount2("/run", MNT_DETACH) == 0);
    CHECK(mount("tmpfs", "/run", "tmpfs", 0, options) == 0);
}
