/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "calls.h"
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NO_XDEV 0x01
#define NO_SYMLINKS 0x04
#define BENEATH 0x08

static bool is_directory_of(uint32_t uid, const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid;
}

int rm_store_place_of(uint32_t uid, unsigned n, char ret_path[RM_STORE_PATH_MAX])
{
    char runtime[RM_STORE_PATH_MAX];

    if (uid == 0) {
        if (n > 0)
            return -ENOENT;
        snprintf(ret_path, RM_STORE_PATH_MAX, "/run/rmcy");
        return 0;
    }

    snprintf(runtime, sizeof runtime, "/run/user/%u", uid);
    if (is_directory_of(uid, runtime)) {
        if (n == 0) {
            snprintf(ret_path, RM_STORE_PATH_MAX, "/run/user/%u/rmcy", uid);
            return 0;
        }
        n--;
    }
    if (n > 0)
        return -ENOENT;
    snprintf(ret_path, RM_STORE_PATH_MAX, "/dev/shm/rmcy-%u", uid);
    return 0;
}

int rm_store_place(unsigned n, char ret_path[RM_STORE_PATH_MAX])
{
    return rm_store_place_of(geteuid(), n, ret_path);
}

const char *rm_host_store(void)
{
    static _Thread_local char path[RM_STORE_PATH_MAX];

    return rm_store_place(0, path) < 0 ? "" : path;
}

static bool is_theirs_alone(uint32_t uid, const struct stat *st, mode_t type)
{
    return (st->st_mode & S_IFMT) == type && st->st_uid == uid && !(st->st_mode & 077);
}

/* In another user's store no mount is entered: the file system may be that user's own, and never answer. */
static int open_of(uint32_t uid, int dir_fd, const char *name, int flags)
{
    struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC), .resolve = NO_XDEV | NO_SYMLINKS | BENEATH};
    const bool own = uid == geteuid();
    int fd = -1;

    if (!own)
        fd = (int)syscall(RM_CALL_OPENAT2, dir_fd, name, &how, sizeof how);
    if (own || (fd < 0 && (errno == ENOSYS || errno == EPERM))) /* a sandbox may know no openat2 */
        fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int rm_store_open_directory_of(uint32_t uid, int dir_fd, const char *name)
{
    int fd = open_of(uid, dir_fd, name, O_RDONLY | O_DIRECTORY);
    struct stat st;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0 || !is_theirs_alone(uid, &st, S_IFDIR)) {
        close(fd);
        return -EPERM;
    }
    return fd;
}

int rm_store_open_directory(int store_fd, const char *name)
{
    return rm_store_open_directory_of(geteuid(), store_fd, name);
}

int rm_store_open(const char *path)
{
    return rm_store_open_directory(AT_FDCWD, path);
}

int rm_store_open_of(uint32_t uid, const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    char parent[RM_STORE_PATH_MAX];
    int fd, parent_fd;

    snprintf(parent, sizeof parent, "%.*s", (int)(name - path), path);
    parent_fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent_fd < 0)
        return -errno;
    fd = rm_store_open_directory_of(uid, parent_fd, name);
    close(parent_fd);
    return fd;
}

int rm_store_open_file_of(uint32_t uid, int dir_fd, const char *name, int flags, struct stat *ret_st)
{
    struct stat st;
    int fd = open_of(uid, dir_fd, name, O_PATH), e;

    if (fd < 0)
        return fd;
    e = fstat(fd, &st) < 0 ? -errno : 0;
    close(fd);
    if (e < 0 || !is_theirs_alone(uid, &st, S_IFREG))
        return e < 0 ? e : -EPERM;
    fd = open_of(uid, dir_fd, name, flags | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fd;
    /* It may have been replaced in between, or be another file of the user's under a second name. */
    if (fstat(fd, &st) < 0 || !is_theirs_alone(uid, &st, S_IFREG) || st.st_nlink > 1) {
        close(fd);
        return -EPERM;
    }
    if (ret_st)
        *ret_st = st;
    return fd;
}

int rm_store_open_file(int dir_fd, const char *name, int flags, struct stat *ret_st)
{
    return rm_store_open_file_of(geteuid(), dir_fd, name, flags, ret_st);
}

int rm_store_list(int dir_fd, DIR **ret)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), e;
    DIR *dir;

    if (fd < 0)
        return -errno;
    dir = fdopendir(fd);
    if (!dir) {
        e = -errno;
        close(fd);
        return e;
    }
    *ret = dir;
    return 0;
}

int rm_store_next(DIR *dir, struct dirent **ret)
{
    struct dirent *entry;

    errno = 0;
    entry = readdir(dir);
    if (!entry)
        return -errno;
    *ret = entry;
    return 1;
}

int rm_store_make(const char *path)
{
    int fd = rm_store_open(path);

    if (fd != -ENOENT)
        return fd;
    /* The umask can only take rights away; 0700 has none to spare, so a short one shows when it is opened. */
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return rm_store_open(path);
}

void rm_store_remove(int store_fd, const char *name)
{
    int fd = openat(store_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (dir) {
        while ((entry = readdir(dir)))
            if (unlinkat(fd, entry->d_name, 0) < 0 && errno == EISDIR)
                (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
        closedir(dir);
    } else if (fd >= 0) {
        close(fd);
    }
    (void)unlinkat(store_fd, name, fd < 0 && errno == ENOTDIR ? 0 : AT_REMOVEDIR);
}
