/* SPDX-License-Identifier: MIT
 *
 * All is read through one descriptor of the process's directory, and the start
 * of its stack before and after: it may execute another program meanwhile.
 *
 * Most processes have registered nothing, and most users have no store: that
 * shows first, and costs little.
 */
#include "wished.h"

#include "inode.h"
#include "procfs.h"
#include "registration.h"
#include "restartmanager_ext.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The n-th place of registrations that this user has. */
static int open_directory(uint32_t uid, unsigned n)
{
    char path[RM_STORE_PATH_MAX];
    int store = rm_store_place_of(uid, n, path);
    if (store == 0)
        store = rm_store_open_of(uid, path);
    if (store < 0)
        return store;
    int fd = rm_store_open_directory_of(uid, store, RM_REGISTRATIONS);
    close(store);
    return fd;
}

static int read_stat(int dir, struct rm_stat *ret)
{
    char text[RM_STAT_SIZE];
    long n = rm_procfs_read(dir, "stat", text, sizeof(text));
    return n < 0 ? (int)n : rm_stat_parse(text, (size_t)n, ret);
}

/* Do names and numbers mean to it what they mean here? */
static bool is_same(int dir, const char *name, const char *ours)
{
    struct rm_inode its, own;
    int r = rm_inode_at(AT_FDCWD, ours, &own);
    if (r == -ENOENT) /* a kernel without such namespaces */
        return true;
    return r == 0 && rm_inode_at(dir, name, &its) == 0 && rm_identity_equal(&its.id, &own.id);
}

static int read_run(int dir, uint32_t pid, struct rm_run *ret)
{
    struct rm_run run;
    struct rm_stat stat;
    struct rm_inode exe;
    if (!is_same(dir, "ns/pid", "/proc/self/ns/pid") || !is_same(dir, "ns/time", "/proc/self/ns/time") ||
        !is_same(dir, "root", "/") || rm_owner_self(&run.process) < 0 || read_stat(dir, &stat) < 0 ||
        rm_inode_at(dir, "exe", &exe) < 0)
        return -ENOENT;
    run.process.pid = pid;
    run.process.start = stat.start;
    run.stack = stat.stack;
    run.exe = exe.id;
    *ret = run;
    return 0;
}

static int look(int dir, uint32_t pid, uint32_t uid, struct rm_wish **ret)
{
    struct rm_run run;
    struct rm_stat after;
    bool known = false;
    int r = -ENOENT;
    for (unsigned n = 0; r == -ENOENT && n < RM_STORE_PLACES; n++) {
        int directory = open_directory(uid, n);
        if (directory < 0)
            continue;
        r = known ? 0 : read_run(dir, pid, &run);
        known = r == 0;
        if (r == 0)
            r = rm_registration_read(directory, uid, &run, ret);
        close(directory);
    }
    if (r == 0 && (((*ret)->flags & RMX_RELAUNCH_NO_PATCH) || read_stat(dir, &after) < 0 || after.stack != run.stack)) {
        free(*ret);
        r = -ENOENT;
    }
    return r;
}

int rm_wished_read(int dir, uint32_t pid, struct rm_credentials *ret_credentials, struct rm_wish **ret)
{
    struct rm_credentials credentials;
    struct rm_wish *wish;
    int r = rm_credentials_read(dir, &credentials);
    if (r < 0)
        return r == -ENOMEM ? r : -ENOENT;
    r = look(dir, pid, credentials.uid, &wish);
    if (r < 0) {
        rm_credentials_done(&credentials);
        return r;
    }
    *ret_credentials = credentials;
    *ret = wish;
    return 0;
}

int rm_wished(int dir, uint32_t pid)
{
    struct rm_credentials credentials;
    struct rm_wish *wish;
    int r = rm_wished_read(dir, pid, &credentials, &wish);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    rm_credentials_done(&credentials);
    free(wish);
    return 1;
}
