/* SPDX-License-Identifier: MIT
 *
 * NtQuerySystemInformation is documented, this class of it is not; it has
 * looked like this since Windows XP.  Which of its type numbers means a file
 * differs: a handle of our own tells.
 */
#include "handles.h"

#include "error.h"

#include <errno.h>
#include <stdlib.h>
#include <winternl.h>

#define SYSTEM_EXTENDED_HANDLE_INFORMATION 64
#define STATUS_INFO_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)
#define SIZE_FIRST (UINT32_C(1) << 18)
#define SIZE_LAST (UINT32_C(1) << 28)

struct entry {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR value;
    ULONG access;
    USHORT back_trace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct table {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct entry entries[];
};

/* Handles come and go while it is asked for: the size that it names may be too small again. */
static int read_table(struct table **ret)
{
    for (uint32_t size = SIZE_FIRST; size <= SIZE_LAST; size *= 2) {
        struct table *table = malloc(size);
        if (!table)
            return -ENOMEM;
        NTSTATUS status = NtQuerySystemInformation(SYSTEM_EXTENDED_HANDLE_INFORMATION, table, size, NULL);
        if (status == 0) {
            *ret = table;
            return 0;
        }
        free(table);
        if (status != STATUS_INFO_LENGTH_MISMATCH)
            return -EIO;
    }
    return -ENOMEM;
}

static int compare(const void *x, const void *y)
{
    const struct rm_handle *a = x, *b = y;
    return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int pick_files(const struct table *table, HANDLE ours, struct rm_handles *ret)
{
    size_t mine = 0, count = 0;
    while (mine < table->count && (table->entries[mine].pid != GetCurrentProcessId() ||
                                   table->entries[mine].value != (ULONG_PTR)ours))
        mine++;
    if (mine == table->count)
        return -EIO;
    struct rm_handle *at = malloc((table->count + 1) * sizeof(*at));
    if (!at)
        return -ENOMEM;
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].type == table->entries[mine].type && i != mine)
            at[count++] = (struct rm_handle){(uint32_t)table->entries[i].pid, (HANDLE)table->entries[i].value};
    qsort(at, count, sizeof(*at), compare);
    *ret = (struct rm_handles){at, count};
    return 0;
}

int rm_handles_read(struct rm_handles *ret)
{
    struct table *table;
    HANDLE ours = CreateFileW(L"NUL", 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (ours == INVALID_HANDLE_VALUE)
        return rm_last_error();
    int r = read_table(&table);
    if (r == 0) {
        r = pick_files(table, ours, ret);
        free(table);
    }
    CloseHandle(ours);
    return r;
}

void rm_handles_done(struct rm_handles *handles)
{
    free(handles->at);
    *handles = (struct rm_handles){0};
}

const struct rm_handle *rm_handles_of(const struct rm_handles *handles, uint32_t pid, size_t *ret_count)
{
    size_t low = 0, high = handles->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (handles->at[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < handles->count && handles->at[end].pid == pid)
        end++;
    *ret_count = end - low;
    return handles->at + low;
}
