/* SPDX-License-Identifier: MIT
 *
 * A primary and one who has joined, in the test's own process, and what they
 * register: names that nothing has, which a list counts one by one.
 */
#pragma once

#include "check.h"
#include "restartmanager_ext.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

static WCHAR key[33];
static DWORD primary, joined;

static inline void start(void)
{
    CHECK_EQUAL(RmStartSession(&primary, 0, key), ERROR_SUCCESS);
}

static inline void start_and_join(void)
{
    start();
    CHECK_EQUAL(RmJoinSession(&joined, key), ERROR_SUCCESS);
}

static inline void end_both(void)
{
    CHECK_EQUAL(RmEndSession(joined), ERROR_SUCCESS);
    CHECK_EQUAL(RmEndSession(primary), ERROR_SUCCESS);
}

/* `size` bytes of names, 4,000 each, in one batch. */
static inline DWORD register_much(DWORD handle, size_t size)
{
    enum { LENGTH = 4000 };
    UINT count = (UINT)(size / LENGTH);
    WCHAR *text = malloc((size_t)count * (LENGTH + 1) * sizeof *text);
    LPCWSTR *names = calloc(count, sizeof *names);
    DWORD code;

    CHECK(text && names);
    for (UINT i = 0; i < count; i++) {
        WCHAR *name = text + (size_t)i * (LENGTH + 1);

        for (int at = 0; at < LENGTH; at++)
            name[at] = at % 200 ? 'n' : '/'; /* no part too long for a name */
        /* Unlike the one before from the start on: what names share is stored once. */
        for (UINT at = 1, rest = i; at < 8; at++, rest /= 26)
            name[at] = (WCHAR)('a' + rest % 26);
        name[LENGTH] = 0;
        names[i] = name;
    }
    code = RmRegisterResources(handle, count, names, 0, NULL, 0, NULL);
    free(names);
    free(text);
    return code;
}

static inline DWORD register_one(DWORD handle)
{
    LPCWSTR name = u"/none/x";

    return RmRegisterResources(handle, 1, &name, 0, NULL, 0, NULL);
}

static inline unsigned count_names(void)
{
    RMX_LIST *list;
    unsigned n;

    CHECK_EQUAL(RmxGetList(primary, 0, RMX_TIMEOUT_DEFAULT, &list), ERROR_SUCCESS);
    n = list->missing_count;
    RmxFreeList(list);
    return n;
}

static inline void find_log(char *ret_path, size_t size)
{
    DIR *store = opendir("/run/rmcy"), *session;
    struct dirent *a, *b;

    *ret_path = 0;
    CHECK(store);
    while ((a = readdir(store))) {
        char path[300];

        if (strncmp(a->d_name, "s-", 2) != 0)
            continue;
        snprintf(path, sizeof path, "/run/rmcy/%s", a->d_name);
        session = opendir(path);
        CHECK(session);
        while ((b = readdir(session)))
            if (!strncmp(b->d_name, "j-", 2))
                snprintf(ret_path, size, "%s/%s", path, b->d_name);
        closedir(session);
    }
    closedir(store);
    CHECK(*ret_path);
}

static inline uint64_t free_bytes(void)
{
    struct statvfs fs;

    CHECK(statvfs("/run", &fs) == 0);
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static inline void fill_run(void)
{
    static char block[65536];
    int fd = open("/run/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    for (size_t size = sizeof block; size; size = size > 1 ? size / 2 : 0)
        while (write(fd, block, size) == (ssize_t)size)
            ;
    CHECK_EQUAL(errno, ENOSPC);
    close(fd);
}
