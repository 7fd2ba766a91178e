/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A table that only grows. */
struct column {
    void *data;
    uint32_t count, capacity;
};

struct rm_resources {
    struct column files;     /* struct rm_file */
    struct column text;      /* char */
    struct column odd;       /* uint32_t: files that were missing, denied or directories */
    struct column processes; /* RM_UNIQUE_PROCESS */
    struct column services;  /* uint32_t: offsets into the text */
    uint32_t *buckets;       /* first file of each inode number, open addressing */
    uint32_t bucket_mask;    /* a power of two less one; 0: no buckets */
    uint32_t bucket_count;   /* in use */
};

static int column_reserve(struct column *c, size_t more, size_t size)
{
    size_t need = (size_t)c->count + more, capacity = c->capacity;
    void *data;

    if (need <= capacity)
        return 0;
    if (need >= UINT32_MAX)
        return -E2BIG;
    /* Half as much again: a million paths must not cost twice their size. */
    capacity += capacity / 2 + 16;
    if (capacity < need)
        capacity = need;
    if (capacity >= UINT32_MAX)
        capacity = UINT32_MAX - 1;
    data = realloc(c->data, capacity * size);
    if (!data)
        return -ENOMEM;
    c->data = data;
    c->capacity = (uint32_t)capacity;
    return 0;
}

int rm_resources_new(struct rm_resources **ret)
{
    struct rm_resources *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    *ret = r;
    return 0;
}

void rm_resources_free(struct rm_resources *r)
{
    if (!r)
        return;
    free(r->files.data);
    free(r->text.data);
    free(r->odd.data);
    free(r->processes.data);
    free(r->services.data);
    free(r->buckets);
    free(r);
}

static uint32_t hash(uint64_t inode)
{
    return (uint32_t)((inode * 0x9E3779B97F4A7C15u) >> 32);
}

/* The bucket that holds this inode number, or the empty one where it would go. */
static uint32_t bucket_of(const struct rm_resources *r, uint64_t inode)
{
    const struct rm_file *files = r->files.data;
    uint32_t b = hash(inode) & r->bucket_mask;

    while (r->buckets[b] != RM_NO_FILE && files[r->buckets[b]].id.inode != inode)
        b = (b + 1) & r->bucket_mask;
    return b;
}

/* At most three quarters of the buckets are used. */
static int buckets_reserve(struct rm_resources *r, uint32_t more)
{
    size_t need = ((size_t)r->bucket_count + more) * 4 / 3 + 1, size = (size_t)r->bucket_mask + 1;
    uint32_t *old = r->buckets, *buckets;
    uint32_t old_size = old ? r->bucket_mask + 1 : 0;

    if (old && need <= size)
        return 0;
    if (!old)
        size = 16;
    while (size < need)
        size *= 2;
    if (size > UINT32_MAX / 2)
        return -E2BIG;
    buckets = malloc(size * sizeof *buckets);
    if (!buckets)
        return -ENOMEM;
    memset(buckets, 0xFF, size * sizeof *buckets);

    r->buckets = buckets;
    r->bucket_mask = (uint32_t)size - 1;
    for (uint32_t b = 0; b < old_size; b++) {
        const struct rm_file *files = r->files.data;

        if (old[b] != RM_NO_FILE)
            buckets[bucket_of(r, files[old[b]].id.inode)] = old[b];
    }
    free(old);
    return 0;
}

int rm_resources_reserve(struct rm_resources *r, const struct rm_resources_need *need)
{
    int e;

    if ((e = column_reserve(&r->files, need->files, sizeof(struct rm_file))) < 0 ||
        (e = column_reserve(&r->odd, need->odd, sizeof(uint32_t))) < 0 ||
        (e = column_reserve(&r->text, need->text, 1)) < 0 ||
        (e = column_reserve(&r->processes, need->processes, sizeof(RM_UNIQUE_PROCESS))) < 0 ||
        (e = column_reserve(&r->services, need->services, sizeof(uint32_t))) < 0)
        return e;
    return buckets_reserve(r, need->files);
}

static void index_file(struct rm_resources *r, uint32_t index)
{
    struct rm_file *files = r->files.data;
    uint32_t b = bucket_of(r, files[index].id.inode);

    if (r->buckets[b] == RM_NO_FILE)
        r->bucket_count++;
    files[index].next = r->buckets[b];
    r->buckets[b] = index;
}

static uint32_t add_text(struct rm_resources *r, const char *s)
{
    uint32_t at = r->text.count;
    size_t size = strlen(s) + 1;

    memcpy((char *)r->text.data + at, s, size);
    r->text.count += (uint32_t)size;
    return at;
}

/* The same name of the same file again?  A few looks are enough: lists that repeat themselves do so at once. */
static bool is_known(const struct rm_resources *r, const char *path, const struct rm_identity *id)
{
    uint32_t index = rm_resources_find(r, id->inode);

    for (int looks = 0; looks < 8 && index != RM_NO_FILE; looks++) {
        const struct rm_file *file = rm_resources_file(r, index);

        if (rm_identity_equal(&file->id, id) && !strcmp(rm_resources_path(r, index), path))
            return true;
        index = file->next;
    }
    return false;
}

void rm_resources_add_file(struct rm_resources *r, const char *path, const struct rm_identity *id)
{
    bool odd = rm_identity_is_odd(id);
    uint32_t index = r->files.count;

    if (!odd && is_known(r, path, id))
        return;
    r->files.count++;
    ((struct rm_file *)r->files.data)[index] =
        (struct rm_file){.id = *id, .path = add_text(r, path), .next = RM_NO_FILE};
    if (odd)
        ((uint32_t *)r->odd.data)[r->odd.count++] = index;
    else
        index_file(r, index);
}

void rm_resources_add_process(struct rm_resources *r, const RM_UNIQUE_PROCESS *process)
{
    ((RM_UNIQUE_PROCESS *)r->processes.data)[r->processes.count++] = *process;
}

void rm_resources_add_service(struct rm_resources *r, const char *name)
{
    ((uint32_t *)r->services.data)[r->services.count++] = add_text(r, name);
}

int rm_resources_settle(struct rm_resources *r, uint32_t n, const struct rm_identity *id)
{
    uint32_t *odd = r->odd.data, index = odd[n];
    int e;

    if (!rm_identity_is_odd(id)) {
        e = buckets_reserve(r, 1);
        if (e < 0)
            return e;
    }
    ((struct rm_file *)r->files.data)[index].id = *id;
    if (!rm_identity_is_odd(id)) {
        index_file(r, index);
        odd[n] = odd[--r->odd.count];
    }
    return 0;
}

uint32_t rm_resources_find(const struct rm_resources *r, uint64_t inode)
{
    return r->buckets ? r->buckets[bucket_of(r, inode)] : RM_NO_FILE;
}

uint32_t rm_resources_file_count(const struct rm_resources *r)
{
    return r->files.count;
}

const struct rm_file *rm_resources_file(const struct rm_resources *r, uint32_t index)
{
    return (const struct rm_file *)r->files.data + index;
}

const char *rm_resources_path(const struct rm_resources *r, uint32_t index)
{
    return (const char *)r->text.data + rm_resources_file(r, index)->path;
}

uint32_t rm_resources_odd_count(const struct rm_resources *r)
{
    return r->odd.count;
}

uint32_t rm_resources_odd(const struct rm_resources *r, uint32_t n)
{
    return ((const uint32_t *)r->odd.data)[n];
}

uint32_t rm_resources_process_count(const struct rm_resources *r)
{
    return r->processes.count;
}

const RM_UNIQUE_PROCESS *rm_resources_process(const struct rm_resources *r, uint32_t n)
{
    return (const RM_UNIQUE_PROCESS *)r->processes.data + n;
}

uint32_t rm_resources_service_count(const struct rm_resources *r)
{
    return r->services.count;
}

const char *rm_resources_service(const struct rm_resources *r, uint32_t n)
{
    return (const char *)r->text.data + ((const uint32_t *)r->services.data)[n];
}
