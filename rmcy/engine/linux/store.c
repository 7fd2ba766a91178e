/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool is_own_directory(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

int rm_store_place(unsigned n, char ret_path[RM_STORE_PATH_MAX])
{
    unsigned uid = geteuid();
    char runtime[RM_STORE_PATH_MAX];

    if (uid == 0) {
        if (n > 0)
            return -ENOENT;
        snprintf(ret_path, RM_STORE_PATH_MAX, "/run/rmcy");
        return 0;
    }

    snprintf(runtime, sizeof runtime, "/run/user/%u", uid);
    if (is_own_directory(runtime)) {
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

const char *rm_host_store(void)
{
    static _Thread_local char path[RM_STORE_PATH_MAX];

    return rm_store_place(0, path) < 0 ? "" : path;
}

static bool is_ours_alone(const struct stat *st, mode_t type)
{
    return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() && !(st->st_mode & 077);
}

int rm_store_open_directory(int store_fd, const char *name)
{
    int fd = openat(store_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || !is_ours_alone(&st, S_IFDIR)) {
        close(fd);
        return -EPERM;
    }
    return fd;
}

int rm_store_open(const char *path)
{
    return rm_store_open_directory(AT_FDCWD, path);
}

int rm_store_open_file(int dir_fd, const char *name, int flags, struct stat *ret_st)
{
    struct stat st;
    int fd;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!is_ours_alone(&st, S_IFREG))
        return -EPERM;
    fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* It may have been replaced in between, or be another file of the user's under a second name. */
    if (fstat(fd, &st) < 0 || !is_ours_alone(&st, S_IFREG) || st.st_nlink > 1) {
        close(fd);
        return -EPERM;
    }
    if (ret_st)
        *ret_st = st;
    return fd;
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
