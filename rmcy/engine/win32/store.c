/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "error.h"
#include "header.h"
#include "host.h"
#include "text.h"
#include "wide.h"

#include <userenv.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "rmcy-rstrtmgr"

/* %LOCALAPPDATA%, or what it is for this user: a program may have been started with next to no environment. */
static int find_parent(WCHAR to[RM_STORE_PATH_SIZE])
{
    DWORD n = GetEnvironmentVariableW(L"LOCALAPPDATA", to, RM_STORE_PATH_SIZE);
    HANDLE token;
    int e = 0;

    if (n)
        return n < RM_STORE_PATH_SIZE ? 0 : -ENAMETOOLONG;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return rm_last_error();
    n = RM_STORE_PATH_SIZE;
    if (!GetUserProfileDirectoryW(token, to, &n))
        e = rm_last_error();
    CloseHandle(token);
    return e < 0 ? e : rm_store_join(to, "AppData\\Local", to);
}

int rm_store_path(WCHAR ret[RM_STORE_PATH_SIZE])
{
    WCHAR parent[RM_STORE_PATH_SIZE], *wide = NULL;
    char *bytes = NULL;
    int e = find_parent(parent);

    if (e >= 0)
        e = rm_wide_to_bytes(parent, &bytes);
    if (e >= 0)
        e = rm_wide_from_path(bytes, &wide);
    if (e >= 0)
        e = rm_store_join(wide, FOLDER, ret);
    free(wide);
    free(bytes);
    return e;
}

int rm_store_make(WCHAR ret[RM_STORE_PATH_SIZE])
{
    DWORD attributes;
    int e = rm_store_path(ret);

    if (e < 0)
        return e;
    if (!CreateDirectoryW(ret, NULL) && GetLastError() != ERROR_ALREADY_EXISTS)
        return rm_last_error();
    attributes = GetFileAttributesW(ret);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return rm_last_error();
    return attributes & FILE_ATTRIBUTE_DIRECTORY ? 0 : -ENOTDIR;
}

const char *rm_host_store(void)
{
    static _Thread_local char text[RM_STORE_PATH_SIZE * 3];
    WCHAR path[RM_STORE_PATH_SIZE];
    long size = rm_store_path(path) < 0 ? 0 : rm_text_to_bytes(path, text, sizeof text - 1);

    text[size < 0 ? 0 : size] = 0;
    return text;
}

int rm_store_join(const WCHAR *folder, const char *name, WCHAR ret[RM_STORE_PATH_SIZE])
{
    size_t length = wcslen(folder), more = strlen(name);

    while (length && folder[length - 1] == '\\')
        length--;
    if (length + 1 + more >= RM_STORE_PATH_SIZE)
        return -ENAMETOOLONG;
    memmove(ret, folder, length * sizeof *ret);
    ret[length++] = '\\';
    for (size_t i = 0; i <= more; i++)
        ret[length + i] = (WCHAR)name[i];
    return 0;
}

int rm_store_open_file(const WCHAR *folder, const char *name, DWORD access, DWORD disposition, HANDLE *ret)
{
    WCHAR path[RM_STORE_PATH_SIZE];
    HANDLE file;
    int e = rm_store_join(folder, name, path);

    if (e < 0)
        return e;
    file = CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, disposition,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return rm_last_error();
    *ret = file;
    return 0;
}

int rm_store_read(HANDLE file, void *to, size_t size, uint64_t offset)
{
    char *at = to;

    while (size) {
        OVERLAPPED where = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
        DWORD n;

        if (!ReadFile(file, at, (DWORD)size, &n, &where))
            return GetLastError() == ERROR_HANDLE_EOF ? -ENODATA : rm_last_error();
        if (!n)
            return -ENODATA;
        at += n;
        size -= n;
        offset += n;
    }
    return 0;
}

int rm_store_write(HANDLE file, const void *from, size_t size, uint64_t offset)
{
    const char *at = from;

    while (size) {
        OVERLAPPED where = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
        DWORD n;

        if (!WriteFile(file, at, (DWORD)size, &n, &where))
            return rm_last_error();
        if (!n)
            return -EIO;
        at += n;
        size -= n;
        offset += n;
    }
    return 0;
}

int rm_store_list(const WCHAR *folder, const char *prefix, int (*each)(void *context, const char *name), void *context)
{
    WCHAR pattern[RM_STORE_PATH_SIZE];
    WIN32_FIND_DATAW entry;
    HANDLE find;
    int e = rm_store_join(folder, prefix, pattern);

    if (e >= 0 && wcslen(pattern) + 1 >= RM_STORE_PATH_SIZE)
        e = -ENAMETOOLONG;
    if (e < 0)
        return e;
    wcscat(pattern, L"*");
    find = FindFirstFileW(pattern, &entry);
    if (find == INVALID_HANDLE_VALUE) {
        e = rm_last_error();
        return e == -ENOENT ? 0 : e;
    }
    do {
        char *name;

        e = rm_wide_to_bytes(entry.cFileName, &name);
        if (e >= 0) {
            e = strcmp(name, ".") && strcmp(name, "..") ? each(context, name) : 0;
            free(name);
        }
    } while (e >= 0 && FindNextFileW(find, &entry));
    if (e >= 0 && GetLastError() != ERROR_NO_MORE_FILES)
        e = rm_last_error();
    FindClose(find);
    return e;
}

int rm_store_remove_file(const WCHAR *folder, const char *name)
{
    WCHAR path[RM_STORE_PATH_SIZE];
    int e = rm_store_join(folder, name, path);

    if (e >= 0 && !DeleteFileW(path))
        e = rm_last_error();
    return e == -ENOENT ? 0 : e;
}

static int remove_one(void *context, const char *name)
{
    const WCHAR *folder = context;

    (void)rm_store_remove_file(folder, name);
    return 0;
}

void rm_store_remove(const WCHAR *folder)
{
    (void)rm_store_remove_file(folder, RM_HEADER_FILE);
    (void)rm_store_list(folder, "", remove_one, (void *)(uintptr_t)folder);
    RemoveDirectoryW(folder);
}
