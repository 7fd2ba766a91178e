/* SPDX-License-Identifier: MIT */
#include "wide.h"

#include "error.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX L"\\\\?\\"
#define SHARE_PREFIX L"\\\\?\\UNC\\"
#define LONGEST_PREFIX 8

static bool begins_with(const WCHAR *text, const WCHAR *prefix)
{
    return !wcsncmp(text, prefix, wcslen(prefix));
}

/* `given` is gone through. */
static int make_full(const WCHAR *given, WCHAR **ret)
{
    DWORD size = GetFullPathNameW(given, 0, NULL, NULL), n;
    WCHAR *full;

    if (!size)
        return rm_last_error();
    full = malloc((size + LONGEST_PREFIX) * sizeof *full);
    if (!full)
        return -ENOMEM;
    n = GetFullPathNameW(given, size, full, NULL);
    if (!n || n >= size) {
        free(full);
        return -ENOENT; /* the current directory has changed meanwhile */
    }
    *ret = full;
    return 0;
}

int rm_wide_full(const char *path, WCHAR **ret)
{
    size_t capacity = strlen(path);
    WCHAR *given = malloc((capacity + 1) * sizeof *given);
    int e;

    if (!given)
        return -ENOMEM;
    rm_text_from_bytes(path, given, capacity);
    if (begins_with(given, PREFIX)) {
        *ret = given;
        return 0;
    }
    e = make_full(given, ret);
    free(given);
    return e;
}

/* There is room for it. */
static void set_prefix(WCHAR *path)
{
    const WCHAR *prefix = PREFIX;
    size_t skip = 0;

    if (begins_with(path, L"\\\\?\\") || begins_with(path, L"\\\\.\\"))
        return; /* a device has that form already */
    if (begins_with(path, L"\\\\")) {
        prefix = SHARE_PREFIX;
        skip = 2;
    }
    memmove(path + wcslen(prefix), path + skip, (wcslen(path + skip) + 1) * sizeof *path);
    memcpy(path, prefix, wcslen(prefix) * sizeof *path);
}

int rm_wide_from_path(const char *path, WCHAR **ret)
{
    int e = rm_wide_full(path, ret);

    if (e >= 0)
        set_prefix(*ret);
    return e;
}

int rm_wide_to_bytes(const WCHAR *text, char **ret)
{
    size_t limit = wcslen(text) * 3;
    char *bytes = malloc(limit + 1);
    long size;

    if (!bytes)
        return -ENOMEM;
    size = rm_text_to_bytes(text, bytes, limit);
    if (size < 0) {
        free(bytes);
        return (int)size;
    }
    bytes[size] = 0;
    *ret = bytes;
    return 0;
}
