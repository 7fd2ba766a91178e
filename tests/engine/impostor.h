/* SPDX-License-Identifier: MIT
 *
 * What may stand in the place of a thing of the store, and what lies outside
 * of it and must stay as it is.
 */
#pragma once

#include "sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define OUTSIDE "/run/outside" /* not the store's */
#define ASIDE "/run/aside"     /* the very thing, moved out of the way */

/* ---- what must stay as it is ---- */

static const char outside_text[] = "not yours";

static inline void make_outside(void)
{
    CHECK(mkdir(OUTSIDE, 0755) == 0 && mkdir(OUTSIDE "/directory", 0755) == 0);
    write_file(OUTSIDE "/file", outside_text);
    write_file(OUTSIDE "/directory/file", outside_text);
    CHECK(chmod(OUTSIDE "/file", 0600) == 0);
}

static inline void check_file(const char *path)
{
    char text[32] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) >= 0);
    CHECK(!strcmp(text, outside_text));
    close(fd);
}

static inline unsigned count_entries(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    unsigned n = 0;

    CHECK(dir);
    while ((entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static inline void check_outside(void)
{
    check_file(OUTSIDE "/file");
    check_file(OUTSIDE "/directory/file");
    CHECK_EQUAL(count_entries(OUTSIDE), 2);
    CHECK_EQUAL(count_entries(OUTSIDE "/directory"), 1);
}

/* ---- what may stand there instead ---- */

static inline bool put_link(const char *path)
{
    return symlink(ASIDE, path) == 0; /* to the very thing that belongs there */
}

static inline bool put_link_outside(const char *path)
{
    struct stat st;

    CHECK(stat(ASIDE, &st) == 0);
    return symlink(S_ISDIR(st.st_mode) ? OUTSIDE "/directory" : OUTSIDE "/file", path) == 0;
}

static inline bool put_dangling_link(const char *path)
{
    return symlink(OUTSIDE "/new", path) == 0; /* is not made by opening it */
}

static inline bool put_fifo(const char *path)
{
    return mkfifo(path, 0600) == 0;
}

static inline bool put_device(const char *path)
{
    return mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0; /* no devices in a user namespace */
}

static inline bool put_other_kind(const char *path) /* a directory for a file, a file for a directory */
{
    struct stat st;

    CHECK(stat(ASIDE, &st) == 0);
    return S_ISDIR(st.st_mode) ? mknod(path, S_IFREG | 0600, 0) == 0 : mkdir(path, 0700) == 0;
}

static inline bool put_second_name(const char *path)
{
    struct stat st;

    CHECK(stat(ASIDE, &st) == 0);
    return !S_ISDIR(st.st_mode) && link(OUTSIDE "/file", path) == 0;
}

static inline bool put_back(const char *path)
{
    CHECK(rename(ASIDE, path) == 0);
    return true;
}

static inline bool put_with_wrong_owner(const char *path)
{
    return chown(ASIDE, 65534, 0) == 0 && put_back(path); /* in a user namespace there is no other */
}

static inline bool put_with_wrong_mode(const char *path)
{
    struct stat st;

    CHECK(stat(ASIDE, &st) == 0 && chmod(ASIDE, st.st_mode | 0066) == 0);
    return put_back(path);
}

static const struct {
    const char *name;
    bool (*put)(const char *path); /* false: cannot be had here */
} kinds[] = {
    {"a link", put_link},
    {"a link outside", put_link_outside},
    {"a dangling link", put_dangling_link},
    {"a FIFO", put_fifo},
    {"a device", put_device},
    {"another kind", put_other_kind},
    {"a second name of a file outside", put_second_name},
    {"one with the wrong owner", put_with_wrong_owner},
    {"one with the wrong mode", put_with_wrong_mode},
};
