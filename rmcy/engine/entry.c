/* SPDX-License-Identifier: MIT */
#include "entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MAGIC 0x31454A52u /* "RJE1" */
#define ENTRY_MAX (1u << 20)    /* far above what a program can register */

struct header {
    uint32_t magic, kind, order, part, back, type, uid, manager_uid;
    RM_UNIQUE_PROCESS process;
    uint32_t unit_size, because_size, name_size, exe_size; /* with the NUL; 0: none */
    uint32_t wish_size;
};

_Static_assert(sizeof(struct header) % 8 == 0, "what follows is aligned");

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static bool has_identity(const struct rm_entry *entry)
{
    return (entry->unit && *entry->unit) || (!entry->unit && entry->process.dwProcessId);
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static void put(uint8_t **at, const void *from, size_t size)
{
    if (size)
        memcpy(*at, from, size);
    *at += padded(size);
}

int rm_entry_encode(const struct rm_entry *entry, void **ret, size_t *ret_size)
{
    size_t unit = text_size(entry->unit), because = text_size(entry->because);
    size_t name = text_size(entry->name), exe = text_size(entry->exe);
    size_t wish = entry->wish ? entry->wish_size : 0;
    size_t size = sizeof(struct header) + padded(unit) + padded(because) + padded(name) + padded(exe) + padded(wish);
    struct header header;
    uint8_t *data, *at;

    if (!has_identity(entry))
        return -EINVAL;
    if (size > ENTRY_MAX)
        return -E2BIG;
    data = calloc(1, size);
    if (!data)
        return -ENOMEM;
    header = (struct header){
        .magic = ENTRY_MAGIC,
        .kind = entry->kind,
        .order = entry->order,
        .part = entry->part,
        .back = entry->back,
        .type = entry->type,
        .uid = entry->uid,
        .manager_uid = entry->manager_uid,
        .process = entry->process,
        .unit_size = (uint32_t)unit,
        .because_size = (uint32_t)because,
        .name_size = (uint32_t)name,
        .exe_size = (uint32_t)exe,
        .wish_size = (uint32_t)wish,
    };
    at = data;
    put(&at, &header, sizeof header);
    put(&at, entry->unit, unit);
    put(&at, entry->because, because);
    put(&at, entry->name, name);
    put(&at, entry->exe, exe);
    put(&at, entry->wish, wish);
    *ret = data;
    *ret_size = size;
    return 0;
}

struct reader {
    const uint8_t *at;
    size_t left;
};

static int take(struct reader *reader, size_t size, const void **ret)
{
    if (size > reader->left || padded(size) > reader->left)
        return -EBADMSG;
    *ret = size ? reader->at : NULL;
    reader->at += padded(size);
    reader->left -= padded(size);
    return 0;
}

/* A text that ends with its only NUL, or none. */
static int take_text(struct reader *reader, size_t size, const char **ret)
{
    const void *text;

    if (take(reader, size, &text) < 0 || (text && memchr(text, 0, size) != (const char *)text + size - 1))
        return -EBADMSG;
    *ret = text;
    return 0;
}

static bool header_is_sane(const struct header *header)
{
    return header->magic == ENTRY_MAGIC && (header->kind == RM_ENTRY_STOP || header->kind == RM_ENTRY_BACK) &&
           header->part <= RM_UNIT_TRIGGER && header->back <= RMX_BACK_MASKED;
}

int rm_entry_decode(const void *data, size_t size, struct rm_entry *ret)
{
    struct reader reader = {.at = data, .left = size};
    struct header header;
    struct rm_entry entry;
    const void *p;

    if (size > ENTRY_MAX || take(&reader, sizeof header, &p) < 0)
        return -EBADMSG;
    memcpy(&header, p, sizeof header);
    if (!header_is_sane(&header))
        return -EBADMSG;
    entry = (struct rm_entry){
        .kind = (enum rm_entry_kind)header.kind,
        .order = header.order,
        .part = (enum rm_unit_part)header.part,
        .back = header.back,
        .type = header.type,
        .uid = header.uid,
        .manager_uid = header.manager_uid,
        .process = header.process,
        .wish_size = header.wish_size,
    };
    if (take_text(&reader, header.unit_size, &entry.unit) < 0 ||
        take_text(&reader, header.because_size, &entry.because) < 0 ||
        take_text(&reader, header.name_size, &entry.name) < 0 ||
        take_text(&reader, header.exe_size, &entry.exe) < 0 || take(&reader, header.wish_size, &entry.wish) < 0 ||
        reader.left || !has_identity(&entry))
        return -EBADMSG;
    *ret = entry;
    return 0;
}

bool rm_entry_is_same(const struct rm_entry *a, const struct rm_entry *b)
{
    if (a->unit || b->unit)
        return a->unit && b->unit && a->manager_uid == b->manager_uid && !strcmp(a->unit, b->unit);
    return !memcmp(&a->process, &b->process, sizeof a->process);
}

void rm_entry_relaunch_unit(const RM_UNIQUE_PROCESS *process, char ret[RM_RELAUNCH_UNIT_SIZE])
{
    uint64_t start = (uint64_t)process->ProcessStartTime.dwHighDateTime << 32 | process->ProcessStartTime.dwLowDateTime;

    snprintf(ret, RM_RELAUNCH_UNIT_SIZE, "rmcy-%u-%llu.service", (unsigned)process->dwProcessId,
             (unsigned long long)start);
}

int rm_entry_claim(const char *unit, uint32_t manager_uid, char ret[RM_CLAIM_SIZE])
{
    char name[RM_CLAIM_SIZE];
    int n = manager_uid == RMX_NO_UID ? snprintf(name, sizeof name, "system/%s", unit)
                                      : snprintf(name, sizeof name, "%u/%s", manager_uid, unit);

    if (n < 0 || n >= RM_CLAIM_SIZE)
        return -ENAMETOOLONG;
    memcpy(ret, name, (size_t)n + 1);
    return 0;
}
