/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define EXTENDED L"\\\\?\\"
#define EXTENDED_UNC L"\\\\?\\UNC\\"
#define PREFIX_UNITS 8 /* the longer of the two */

static bool is_separator(WCHAR c)
{
    return c == L'\\' || c == L'/';
}

/* `\\?\` and `\\.\`: taken as they are. */
static bool is_extended(const WCHAR *name)
{
    return is_separator(name[0]) && is_separator(name[1]) && (name[2] == L'?' || name[2] == L'.') &&
           is_separator(name[3]);
}

static bool is_unc(const WCHAR *name)
{
    return is_separator(name[0]) && is_separator(name[1]);
}

static bool is_absolute(const WCHAR *name)
{
    return is_unc(name) || (name[0] && name[1] == L':' && is_separator(name[2]));
}

/* The absolute form, with room in front; free() frees it.  NULL: no memory, or no name of a file. */
static WCHAR *absolute(const WCHAR *name, size_t room, size_t *ret_units)
{
    DWORD space = GetFullPathNameW(name, 0, NULL, NULL);
    WCHAR *path;
    DWORD units;

    path = space ? malloc((room + space) * sizeof *path) : NULL;
    if (!path)
        return NULL;
    units = GetFullPathNameW(name, space, path + room, NULL);
    if (!units || units >= space) { /* the current directory has changed meanwhile */
        free(path);
        return NULL;
    }
    *ret_units = units;
    return path;
}

/* Past MAX_PATH, where a short name in a deep directory may lead, only a name of this form is looked up, whatever the
 * process and the system say about long paths. */
static DWORD long_attributes(const WCHAR *name)
{
    DWORD attributes;
    size_t units;
    WCHAR *path = absolute(name, PREFIX_UNITS, &units), *from;

    if (!path) {
        SetLastError(ERROR_INVALID_NAME);
        return INVALID_FILE_ATTRIBUTES;
    }
    if (is_extended(path + PREFIX_UNITS)) {
        from = NULL; /* a device */
    } else if (is_unc(path + PREFIX_UNITS)) {
        from = path + PREFIX_UNITS + 2 - wcslen(EXTENDED_UNC);
        memcpy(from, EXTENDED_UNC, wcslen(EXTENDED_UNC) * sizeof *from);
    } else {
        from = path + PREFIX_UNITS - wcslen(EXTENDED);
        memcpy(from, EXTENDED, wcslen(EXTENDED) * sizeof *from);
    }
    attributes = GetFileAttributesW(from ? from : name);
    units = GetLastError();
    free(path);
    SetLastError((DWORD)units);
    return attributes;
}

static bool ends_part(WCHAR c)
{
    return !c || c == L'\\';
}

/* Nothing in it that is resolved, as everything is that does not begin with `\\?\`: a slash, a separator twice, a part
 * that ends with a dot or a space. */
static bool is_resolved(const WCHAR *name)
{
    if (wcsncmp(name, EXTENDED, wcslen(EXTENDED)) == 0)
        return true;
    if (!is_absolute(name) || wcschr(name, L'/'))
        return false;
    for (name += 2; *name; name++)
        if (ends_part(name[1]) && (*name == L'.' || *name == L' ' || (*name == L'\\' && name[1])))
            return false;
    return true;
}

const WCHAR *rm_file_resolve(const WCHAR *name, WCHAR **ret_made)
{
    size_t units;

    *ret_made = is_resolved(name) ? NULL : absolute(name, 0, &units);
    return *ret_made ? *ret_made : name;
}

BYTE rm_file_state(const WCHAR *name)
{
    bool may_be_long = !is_extended(name) && (wcslen(name) >= MAX_PATH || !is_absolute(name));
    DWORD attributes = may_be_long ? long_attributes(name) : GetFileAttributesW(name);

    if (attributes != INVALID_FILE_ATTRIBUTES)
        return attributes & FILE_ATTRIBUTE_DIRECTORY ? RMX_FILE_DIRECTORY : RMX_FILE_STORED;
    switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_DIRECTORY:
    case ERROR_NOT_READY: /* a drive without a medium */
        return RMX_FILE_MISSING;
    case ERROR_SHARING_VIOLATION: /* pagefile.sys and the like: it is there */
        return RMX_FILE_STORED;
    default:
        return RMX_FILE_DENIED;
    }
}

static bool add(struct rm_names *names, const WCHAR *name, size_t units)
{
    if (names->space - names->used <= units) {
        size_t space = (names->used + units + 1) * 2;
        WCHAR *text = realloc(names->text, space * sizeof *text);

        if (!text)
            return false;
        names->text = text;
        names->space = space;
    }
    memcpy(names->text + names->used, name, units * sizeof *name);
    names->used += units;
    names->text[names->used++] = 0;
    names->count++;
    return true;
}

bool rm_names_add(struct rm_names *names, const WCHAR *name)
{
    WCHAR *made;
    const WCHAR *resolved = rm_file_resolve(name, &made);
    bool added = add(names, resolved, wcslen(resolved));

    free(made);
    return added;
}

void rm_names_cut(struct rm_names *names, const struct rm_names *before)
{
    names->used = before->used;
    names->count = before->count;
}

void rm_names_done(struct rm_names *names)
{
    free(names->text);
    *names = (struct rm_names){0};
}

static int compare_text(const void *x, const void *y)
{
    const WCHAR *a = *(const WCHAR *const *)x, *b = *(const WCHAR *const *)y;
    int order = wcscmp(a, b);

    return order ? order : (a > b) - (a < b);
}

static int compare_place(const void *x, const void *y)
{
    const WCHAR *a = *(const WCHAR *const *)x, *b = *(const WCHAR *const *)y;

    return (a > b) - (a < b);
}

const WCHAR **rm_names_each(const struct rm_names *names, UINT *ret_count)
{
    const WCHAR **each = malloc(((size_t)names->count + 1) * sizeof *each), *name = names->text;
    UINT kept = 0;

    if (!each)
        return NULL;
    for (UINT i = 0; i < names->count; i++) {
        each[i] = name;
        name += wcslen(name) + 1;
    }
    qsort((void *)each, names->count, sizeof *each, compare_text);
    for (UINT i = 0; i < names->count; i++)
        if (!kept || wcscmp(each[kept - 1], each[i]) != 0)
            each[kept++] = each[i];
    qsort((void *)each, kept, sizeof *each, compare_place);
    *ret_count = kept;
    return each;
}
