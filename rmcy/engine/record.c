/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAGIC 0x32425252u /* "RRB2" */

#define FLAGS (RM_ID_BTIME | RM_ID_DIRECTORY | RM_ID_MISSING | RM_ID_DENIED | RM_ID_ODD_DEVICE | RM_ID_LOCAL)
#define SAME_DEVICE 0x40 /* beside the flags of an identity, in one byte */
#define NUMBER_MAX 10    /* bytes of a number: seven bits each, the least first */

_Static_assert(!(FLAGS & ~0x3F), "the flags of an identity and SAME_DEVICE share a byte");

struct header {
    uint32_t magic, files, processes, services;
};

void rm_record_done(struct rm_record *record)
{
    free(record->data);
    *record = (struct rm_record){0};
}

/* Room for so many bytes more, at the end. */
static int reserve(struct rm_record *record, size_t more)
{
    size_t need = record->size + more, capacity = need + need / 2 + 256;
    uint8_t *data;

    if (need <= record->capacity)
        return 0;
    data = realloc(record->data, capacity);
    if (!data)
        return -ENOMEM;
    record->data = data;
    record->capacity = capacity;
    return 0;
}

static struct header *header_of(const struct rm_record *record)
{
    return (struct header *)(void *)record->data;
}

int rm_record_begin(struct rm_record *record)
{
    int e;

    record->size = 0;
    record->id = (struct rm_identity){0};
    record->length = 0;
    e = reserve(record, sizeof(struct header));
    if (e < 0)
        return e;
    record->size = sizeof(struct header);
    *header_of(record) = (struct header){.magic = BATCH_MAGIC};
    return 0;
}

/* ---- writing: there is room for what these put ---- */

static void put_bytes(struct rm_record *record, const void *bytes, size_t size)
{
    memcpy(record->data + record->size, bytes, size);
    record->size += size;
}

static void put_number(struct rm_record *record, uint64_t n)
{
    for (; n > 0x7F; n >>= 7)
        record->data[record->size++] = (uint8_t)(n | 0x80);
    record->data[record->size++] = (uint8_t)n;
}

/* The sign goes to the end, so that a small step back is a small number, too. */
static void put_step(struct rm_record *record, uint64_t to, uint64_t from)
{
    uint64_t step = to - from;

    put_number(record, step << 1 ^ (step >> 63 ? UINT64_MAX : 0));
}

static void put_identity(struct rm_record *record, const struct rm_identity *id, const struct rm_identity *before)
{
    bool same = id->device == before->device;

    record->data[record->size++] = (uint8_t)(id->flags | (same ? SAME_DEVICE : 0));
    if (!same)
        put_number(record, id->device);
    put_step(record, id->inode, before->inode);
    put_step(record, id->btime, before->btime);
}

static size_t shared_length(const struct rm_record *record, const char *name)
{
    size_t n = 0;

    while (n < record->length && name[n] == record->name[n])
        n++;
    return n;
}

int rm_record_add_file(struct rm_record *record, const char *path, const struct rm_identity *id)
{
    size_t length = strlen(path), shared = shared_length(record, path);
    int e;

    if (length >= RM_RECORD_NAME)
        return -ENAMETOOLONG;
    e = reserve(record, 1 + 5 * NUMBER_MAX + length - shared);
    if (e < 0)
        return e;
    put_identity(record, id, &record->id);
    put_number(record, shared);
    put_number(record, length - shared);
    put_bytes(record, path + shared, length - shared);
    record->name = path;
    record->length = length;
    record->id = *id;
    header_of(record)->files++;
    return 0;
}

int rm_record_add_process(struct rm_record *record, const RM_UNIQUE_PROCESS *process)
{
    int e = reserve(record, sizeof *process);

    if (e < 0)
        return e;
    put_bytes(record, process, sizeof *process);
    header_of(record)->processes++;
    return 0;
}

int rm_record_add_service(struct rm_record *record, const char *name)
{
    size_t length = strlen(name);
    int e = length >= RM_RECORD_NAME ? -ENAMETOOLONG : reserve(record, NUMBER_MAX + length);

    if (e < 0)
        return e;
    put_number(record, length);
    put_bytes(record, name, length);
    header_of(record)->services++;
    return 0;
}

bool rm_record_is_empty(const struct rm_record *record)
{
    const struct header *h = header_of(record);

    return !h->files && !h->processes && !h->services;
}

/* ---- reading: every length is checked before it is believed ---- */

struct reader {
    const uint8_t *at, *end;
    struct rm_identity id; /* of the file that was read last */
    size_t length;         /* of the name that was read last */
    char name[RM_RECORD_NAME];
};

static int take_bytes(struct reader *reader, void *to, size_t size)
{
    if ((size_t)(reader->end - reader->at) < size)
        return -EBADMSG;
    memcpy(to, reader->at, size);
    reader->at += size;
    return 0;
}

static int take_number(struct reader *reader, uint64_t *ret)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 7 * NUMBER_MAX && reader->at < reader->end; shift += 7) {
        uint8_t byte = *reader->at++;

        if (shift == 63 && byte > 1)
            return -EBADMSG;
        n |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *ret = n;
            return 0;
        }
    }
    return -EBADMSG;
}

static int take_step(struct reader *reader, uint64_t *number)
{
    uint64_t n;

    if (take_number(reader, &n) < 0)
        return -EBADMSG;
    *number += n >> 1 ^ (n & 1 ? UINT64_MAX : 0);
    return 0;
}

/* The rest of a name behind what it shares with the last one: bytes, and no NUL among them. */
static int take_name(struct reader *reader, uint64_t shared)
{
    uint64_t rest;

    if (take_number(reader, &rest) < 0 || shared > reader->length || rest >= RM_RECORD_NAME - shared || !(shared + rest))
        return -EBADMSG;
    if (take_bytes(reader, reader->name + shared, (size_t)rest) < 0 || memchr(reader->name + shared, 0, (size_t)rest))
        return -EBADMSG;
    reader->length = (size_t)(shared + rest);
    reader->name[reader->length] = 0;
    return 0;
}

static int take_file(struct reader *reader)
{
    struct rm_identity *id = &reader->id;
    uint64_t shared;
    uint8_t flags;

    if (take_bytes(reader, &flags, 1) < 0 || flags & ~(FLAGS | SAME_DEVICE))
        return -EBADMSG;
    id->flags = flags & FLAGS;
    if (!(flags & SAME_DEVICE) && take_number(reader, &id->device) < 0)
        return -EBADMSG;
    if (take_step(reader, &id->inode) < 0 || take_step(reader, &id->btime) < 0 || take_number(reader, &shared) < 0)
        return -EBADMSG;
    return take_name(reader, shared);
}

/* Walks the batch once, and learns what it needs; with `resources`, registers it on the way. */
static int walk(const void *data, size_t size, struct rm_resources_need *need, struct rm_resources *resources)
{
    struct reader reader; /* not the name: that is a page */
    struct header header;
    uint64_t text = 0;

    reader.at = data;
    reader.end = reader.at + size;
    reader.id = (struct rm_identity){0};
    reader.length = 0;

    if (take_bytes(&reader, &header, sizeof header) < 0 || header.magic != BATCH_MAGIC)
        return -EBADMSG;

    for (uint32_t i = 0; i < header.files; i++) {
        uint64_t device = reader.id.device;

        if (take_file(&reader) < 0)
            return -EBADMSG;
        text += reader.length + 1;
        need->odd += rm_identity_is_odd(&reader.id);
        need->devices += !i || reader.id.device != device;
        if (resources)
            rm_resources_add_file(resources, reader.name, &reader.id);
    }
    for (uint32_t i = 0; i < header.processes; i++) {
        RM_UNIQUE_PROCESS process;

        if (take_bytes(&reader, &process, sizeof process) < 0)
            return -EBADMSG;
        if (resources)
            rm_resources_add_process(resources, &process);
    }
    for (uint32_t i = 0; i < header.services; i++) {
        if (take_name(&reader, 0) < 0)
            return -EBADMSG;
        text += reader.length + 1;
        if (resources)
            rm_resources_add_service(resources, reader.name);
    }
    if (reader.at != reader.end)
        return -EBADMSG;
    /* What names share is written once: a small batch may need much. */
    if (text > UINT32_MAX)
        return -E2BIG;

    need->files = header.files;
    need->processes = header.processes;
    need->services = header.services;
    need->text = (uint32_t)text;
    return 0;
}

int rm_record_apply(const void *data, size_t size, struct rm_resources *resources)
{
    struct rm_resources_need need = {0};
    int e;

    if (size > UINT32_MAX)
        return -E2BIG;
    e = walk(data, size, &need, NULL);
    if (e < 0)
        return e;
    e = rm_resources_reserve(resources, &need);
    if (e < 0)
        return e;
    return walk(data, size, &need, resources);
}
