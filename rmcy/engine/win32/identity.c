/* SPDX-License-Identifier: MIT
 *
 * Which file a name means now: the volume's serial number and the file's index
 * on it.  No birth time: programs can set it here.
 */
#include "error.h"
#include "file.h"
#include "host.h"
#include "wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rm_file_identify(HANDLE file, struct rm_identity *ret)
{
    BY_HANDLE_FILE_INFORMATION info;

    if (!GetFileInformationByHandle(file, &info))
        return rm_last_error();
    *ret = (struct rm_identity){
        .device = info.dwVolumeSerialNumber,
        .inode = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow,
        .flags = RM_ID_LOCAL | (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? RM_ID_DIRECTORY : 0u),
    };
    return 0;
}

/* No right at all is asked for, so that no sharing mode stands against it. */
static int look(const WCHAR *path, struct rm_identity *ret)
{
    HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS, NULL);
    int e;

    if (file == INVALID_HANDLE_VALUE)
        return rm_last_error();
    e = rm_file_identify(file, ret);
    CloseHandle(file);
    return e;
}

int rm_host_identify(const char *path, struct rm_identity *ret)
{
    WCHAR *wide;
    int e = rm_wide_from_path(path, &wide);

    if (e >= 0) {
        e = look(wide, ret);
        free(wide);
    }
    switch (e) {
    case 0:
    case -ENOMEM:
        return e;
    case -ENOENT:
    case -ENAMETOOLONG:
        *ret = (struct rm_identity){.flags = RM_ID_MISSING};
        return 0;
    default:
        *ret = (struct rm_identity){.flags = RM_ID_DENIED};
        return 0;
    }
}

/* Ours: a server that does not answer is waited for; the deadline is looked at between two names. */
int rm_host_identify_all(struct rm_names *names, bool without, const struct rm_wait *wait, uint32_t *ret_at)
{
    const char *path = names->text;
    int e = 0;

    (void)without;
    if (!names->count)
        return 0;
    free(names->ids);
    names->ids = calloc(names->count, sizeof *names->ids);
    if (!names->ids)
        return -ENOMEM;
    for (uint32_t n = 0; n < names->count; n++, path += strlen(path) + 1) {
        e = rm_wait_check(wait);
        if (e >= 0)
            e = rm_host_identify(path, &names->ids[n]);
        if (e < 0) {
            *ret_at = n;
            return e;
        }
    }
    return 0;
}
