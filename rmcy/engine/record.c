/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAGIC 0x31425252u /* "RRB1" */

struct header {
    uint32_t magic, files, processes, services;
};

struct name_header {
    uint32_t size; /* of the name, with its NUL */
    uint32_t reserved;
};

struct process_entry {
    RM_UNIQUE_PROCESS process;
    uint32_t reserved;
};

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

void rm_record_done(struct rm_record *record)
{
    free(record->data);
    *record = (struct rm_record){0};
}

/* Room at the end, zeroed, so that padding never shows old memory. */
static int extend(struct rm_record *record, size_t more, uint8_t **ret)
{
    size_t need = record->size + padded(more);

    if (need > record->capacity) {
        size_t capacity = need + need / 2 + 256;
        uint8_t *data = realloc(record->data, capacity);

        if (!data)
            return -ENOMEM;
        record->data = data;
        record->capacity = capacity;
    }
    *ret = record->data + record->size;
    memset(*ret, 0, padded(more));
    record->size = need;
    return 0;
}

static struct header *header_of(const struct rm_record *record)
{
    return (struct header *)(void *)record->data;
}

int rm_record_begin(struct rm_record *record)
{
    uint8_t *at;
    int e;

    record->size = 0;
    e = extend(record, sizeof(struct header), &at);
    if (e < 0)
        return e;
    header_of(record)->magic = BATCH_MAGIC;
    return 0;
}

static int add_name(struct rm_record *record, const char *name)
{
    size_t size = strlen(name) + 1;
    struct name_header header = {.size = (uint32_t)size};
    uint8_t *at;
    int e = extend(record, sizeof header + size, &at);

    if (e < 0)
        return e;
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, name, size);
    return 0;
}

int rm_record_add_file(struct rm_record *record, const char *path, const struct rm_identity *id)
{
    size_t before = record->size;
    uint8_t *at;
    int e = extend(record, sizeof *id, &at);

    if (e < 0)
        return e;
    memcpy(at, id, sizeof *id);
    e = add_name(record, path);
    if (e < 0) {
        record->size = before;
        return e;
    }
    header_of(record)->files++;
    return 0;
}

int rm_record_add_process(struct rm_record *record, const RM_UNIQUE_PROCESS *process)
{
    struct process_entry entry = {.process = *process};
    uint8_t *at;
    int e = extend(record, sizeof entry, &at);

    if (e < 0)
        return e;
    memcpy(at, &entry, sizeof entry);
    header_of(record)->processes++;
    return 0;
}

int rm_record_add_service(struct rm_record *record, const char *name)
{
    int e = add_name(record, name);

    if (e < 0)
        return e;
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
    const uint8_t *at;
    size_t left;
};

static int take(struct reader *reader, void *to, size_t size)
{
    if (reader->left < padded(size))
        return -EBADMSG;
    memcpy(to, reader->at, size);
    reader->at += padded(size);
    reader->left -= padded(size);
    return 0;
}

/* A name that lies in the batch itself: not empty, ended by its only NUL. */
static int take_name(struct reader *reader, const char **ret_name, uint32_t *ret_size)
{
    struct name_header header;
    const char *name;

    if (take(reader, &header, sizeof header) < 0 || header.size < 2)
        return -EBADMSG;
    /* Padding follows the header and the name together; the header is a multiple of 8. */
    if (reader->left < padded(header.size))
        return -EBADMSG;
    name = (const char *)reader->at;
    if (memchr(name, 0, header.size) != name + header.size - 1)
        return -EBADMSG;
    reader->at += padded(header.size);
    reader->left -= padded(header.size);
    *ret_name = name;
    *ret_size = header.size;
    return 0;
}

static bool identity_is_sane(const struct rm_identity *id)
{
    return !(id->flags & ~(uint32_t)(RM_ID_BTIME | RM_ID_DIRECTORY | RM_ID_MISSING | RM_ID_DENIED | RM_ID_ODD_DEVICE |
                                     RM_ID_LOCAL)) &&
           !id->reserved;
}

/* Walks the batch once; with `resources`, registers it on the way. */
static int walk(struct reader reader, struct rm_resources_need *need, struct rm_resources *resources)
{
    struct header header;
    const char *name;
    uint64_t device = 0;
    uint32_t size;

    if (take(&reader, &header, sizeof header) < 0 || header.magic != BATCH_MAGIC)
        return -EBADMSG;

    for (uint32_t i = 0; i < header.files; i++) {
        struct rm_identity id;

        if (take(&reader, &id, sizeof id) < 0 || !identity_is_sane(&id) || take_name(&reader, &name, &size) < 0)
            return -EBADMSG;
        need->text += size;
        need->odd += rm_identity_is_odd(&id);
        need->devices += !i || id.device != device;
        device = id.device;
        if (resources)
            rm_resources_add_file(resources, name, &id);
    }
    for (uint32_t i = 0; i < header.processes; i++) {
        struct process_entry entry;

        if (take(&reader, &entry, sizeof entry) < 0)
            return -EBADMSG;
        if (resources)
            rm_resources_add_process(resources, &entry.process);
    }
    for (uint32_t i = 0; i < header.services; i++) {
        if (take_name(&reader, &name, &size) < 0)
            return -EBADMSG;
        need->text += size;
        if (resources)
            rm_resources_add_service(resources, name);
    }
    if (reader.left)
        return -EBADMSG;

    need->files = header.files;
    need->processes = header.processes;
    need->services = header.services;
    return 0;
}

int rm_record_apply(const void *data, size_t size, struct rm_resources *resources)
{
    struct reader reader = {.at = data, .left = size};
    struct rm_resources_need need = {0};
    int e;

    if (size > UINT32_MAX)
        return -E2BIG;
    e = walk(reader, &need, NULL);
    if (e < 0)
        return e;
    e = rm_resources_reserve(resources, &need);
    if (e < 0)
        return e;
    return walk(reader, &need, resources);
}
