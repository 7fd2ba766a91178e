/* SPDX-License-Identifier: MIT
 *
 * What is stopped and not back: a journal's entries, folded.
 */
#include "entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An entry that owns what it points to: one block, in the form in which it was decoded. */
static int copy(const struct rm_entry *entry, struct rm_entry *ret)
{
    void *data;
    size_t size;
    int e = rm_entry_encode(entry, &data, &size);

    if (e < 0)
        return e;
    e = rm_entry_decode(data, size, ret);
    if (e < 0)
        free(data);
    else
        ret->block = data;
    return e;
}

static void remove_at(struct rm_stopped *stopped, uint32_t at)
{
    free(stopped->entries[at].block);
    stopped->count--;
    memmove(stopped->entries + at, stopped->entries + at + 1, (stopped->count - at) * sizeof *stopped->entries);
}

/* UINT32_MAX: it is not there. */
static uint32_t find(const struct rm_stopped *stopped, const struct rm_entry *entry)
{
    for (uint32_t i = stopped->count; i-- > 0;)
        if (rm_entry_is_same(&stopped->entries[i], entry))
            return i;
    return UINT32_MAX;
}

static int reserve(struct rm_stopped *stopped)
{
    uint32_t capacity = stopped->capacity * 2 + 16;
    struct rm_entry *entries;

    if (stopped->count < stopped->capacity)
        return 0;
    entries = realloc(stopped->entries, capacity * sizeof *entries);
    if (!entries)
        return -ENOMEM;
    stopped->entries = entries;
    stopped->capacity = capacity;
    return 0;
}

int rm_stopped_fold(struct rm_stopped *stopped, const struct rm_entry *entry)
{
    uint32_t at = find(stopped, entry);
    struct rm_entry added;
    int e;

    if (entry->kind == RM_ENTRY_STOP) {
        e = reserve(stopped);
        if (e >= 0)
            e = copy(entry, &added); /* it may be the very one that goes */
        if (e < 0)
            return e;
    }
    if (at != UINT32_MAX)
        remove_at(stopped, at);
    if (entry->kind == RM_ENTRY_STOP)
        stopped->entries[stopped->count++] = added;
    return 0;
}

int rm_stopped_fold_bytes(void *context, const void *data, size_t size)
{
    struct rm_entry entry;

    if (rm_entry_decode(data, size, &entry) < 0)
        return 0;
    return rm_stopped_fold(context, &entry);
}

void rm_stopped_done(struct rm_stopped *stopped)
{
    while (stopped->count)
        remove_at(stopped, stopped->count - 1);
    free(stopped->entries);
    *stopped = (struct rm_stopped){0};
}
