/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool rm_host_is_absolute(const char *path)
{
    return *path == '/';
}

int rm_host_absolute(const char *path, char *to, size_t capacity)
{
    size_t size, at = 0;

    /* "./name" is "name", and nobody wants to read the former; what "../" is depends on symbolic links. */
    while (!strncmp(path, "./", 2) && path[2 + strspn(path + 2, "/")])
        path += 2 + strspn(path + 2, "/");
    size = strlen(path) + 1;
    if (!rm_host_is_absolute(path)) {
        /* Not the library's getcwd, which goes through directories, and may wait for them, where this fails. */
        if (syscall(SYS_getcwd, to, capacity) < 0)
            return errno == ERANGE ? -ENAMETOOLONG : -errno;
        if (!rm_host_is_absolute(to)) /* "(unreachable)/...": it is below no root of ours */
            return -ENOENT;
        at = strlen(to);
        if (at > 1) /* not the root itself */
            to[at++] = '/';
    }
    if (at + size > capacity)
        return -ENAMETOOLONG;
    memcpy(to + at, path, size);
    return 0;
}
