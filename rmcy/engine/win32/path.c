/* SPDX-License-Identifier: MIT */
#include "host.h"
#include "text.h"
#include "wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

/* With a drive or a server and a root: nothing of it depends on a current directory. */
bool rm_host_is_absolute(const char *path)
{
    char drive = (char)(*path | 0x20);

    if (is_slash(path[0]))
        return is_slash(path[1]);
    return drive >= 'a' && drive <= 'z' && path[1] == ':' && is_slash(path[2]);
}

/* An absolute name stays as it was written: slashes, dots and letters. */
int rm_host_absolute(const char *path, char *to, size_t capacity)
{
    size_t size = strlen(path) + 1;
    WCHAR *full;
    long length;
    int e;

    if (rm_host_is_absolute(path)) {
        if (size > capacity)
            return -ENAMETOOLONG;
        memcpy(to, path, size);
        return 0;
    }
    e = rm_wide_full(path, &full);
    if (e < 0)
        return e;
    length = rm_text_to_bytes(full, to, capacity - 1);
    free(full);
    if (length < 0)
        return (int)length;
    to[length] = 0;
    return 0;
}
