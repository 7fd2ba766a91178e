/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A table that only grows. */
struct column {
    void *data;
    uint32_t count, capacity;
};

struct tables {
    atomic_uint references;
    struct column files;     /* struct rm_file */
    struct column text;      /* char */
    struct column odd;       /* uint32_t: files that were missing, denied or directories */
    struct column processes; /* RM_UNIQUE_PROCESS */
    struct column services;  /* uint32_t: offsets into the text */
    uint32_t *buckets;       /* first file of each inode number, open addressing */
    uint32_t bucket_mask;    /* a power of two less one; 0: no buckets */
    uint32_t bucket_count;   /* in use */
};

struct rm_resources {
    struct tables *t; /* shared with what rm_resources_share made; whoever changes them has them alone */
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

static int tables_new(struct tables **ret)
{
    struct tables *t = calloc(1, sizeof *t);

    if (!t)
        return -ENOMEM;
    t->references = 1;
    *ret = t;
    return 0;
}

static void tables_unref(struct tables *t)
{
    if (!t || atomic_fetch_sub(&t->references, 1) > 1)
        return;
    free(t->files.data);
    free(t->text.data);
    free(t->odd.data);
    free(t->processes.data);
    free(t->services.data);
    free(t->buckets);
    free(t);
}

static int column_copy(struct column *c, const struct column *from, size_t size)
{
    int e = column_reserve(c, from->count, size);

    if (e >= 0 && from->count)
        memcpy(c->data, from->data, from->count * size);
    if (e >= 0)
        c->count = from->count;
    return e;
}

static int tables_copy(struct tables *t, const struct tables *from)
{
    size_t size = ((size_t)from->bucket_mask + 1) * sizeof *t->buckets;
    int e;

    if ((e = column_copy(&t->files, &from->files, sizeof(struct rm_file))) < 0 ||
        (e = column_copy(&t->odd, &from->odd, sizeof(uint32_t))) < 0 ||
        (e = column_copy(&t->text, &from->text, 1)) < 0 ||
        (e = column_copy(&t->processes, &from->processes, sizeof(RM_UNIQUE_PROCESS))) < 0 ||
        (e = column_copy(&t->services, &from->services, sizeof(uint32_t))) < 0)
        return e;
    if (!from->buckets)
        return 0;
    t->buckets = malloc(size);
    if (!t->buckets)
        return -ENOMEM;
    memcpy(t->buckets, from->buckets, size);
    t->bucket_mask = from->bucket_mask;
    t->bucket_count = from->bucket_count;
    return 0;
}

/* Before any change: the tables are nobody else's from here on. */
static int own(struct rm_resources *r)
{
    struct tables *t;
    int e;

    if (r->t->references == 1)
        return 0;
    e = tables_new(&t);
    if (e < 0)
        return e;
    e = tables_copy(t, r->t);
    if (e < 0) {
        tables_unref(t);
        return e;
    }
    tables_unref(r->t);
    r->t = t;
    return 0;
}

int rm_resources_new(struct rm_resources **ret)
{
    struct rm_resources *r = calloc(1, sizeof *r);
    int e;

    if (!r)
        return -ENOMEM;
    e = tables_new(&r->t);
    if (e < 0) {
        free(r);
        return e;
    }
    *ret = r;
    return 0;
}

int rm_resources_share(const struct rm_resources *r, struct rm_resources **ret)
{
    struct rm_resources *copy = calloc(1, sizeof *copy);

    if (!copy)
        return -ENOMEM;
    copy->t = r->t;
    copy->t->references++;
    *ret = copy;
    return 0;
}

void rm_resources_free(struct rm_resources *r)
{
    if (!r)
        return;
    tables_unref(r->t);
    free(r);
}

static uint32_t hash(uint64_t inode)
{
    return (uint32_t)((inode * 0x9E3779B97F4A7C15u) >> 32);
}

/* The bucket that holds this inode number, or the empty one where it would go. */
static uint32_t bucket_of(const struct tables *t, uint64_t inode)
{
    const struct rm_file *files = t->files.data;
    uint32_t b = hash(inode) & t->bucket_mask;

    while (t->buckets[b] != RM_NO_FILE && files[t->buckets[b]].id.inode != inode)
        b = (b + 1) & t->bucket_mask;
    return b;
}

/* At most three quarters of the buckets are used. */
static int buckets_reserve(struct tables *t, uint32_t more)
{
    size_t need = ((size_t)t->bucket_count + more) * 4 / 3 + 1, size = (size_t)t->bucket_mask + 1;
    uint32_t *old = t->buckets, *buckets;
    uint32_t old_size = old ? t->bucket_mask + 1 : 0;

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

    t->buckets = buckets;
    t->bucket_mask = (uint32_t)size - 1;
    for (uint32_t b = 0; b < old_size; b++) {
        const struct rm_file *files = t->files.data;

        if (old[b] != RM_NO_FILE)
            buckets[bucket_of(t, files[old[b]].id.inode)] = old[b];
    }
    free(old);
    return 0;
}

int rm_resources_reserve(struct rm_resources *r, const struct rm_resources_need *need)
{
    int e = own(r);
    struct tables *t = r->t;

    if (e < 0 || (e = column_reserve(&t->files, need->files, sizeof(struct rm_file))) < 0 ||
        (e = column_reserve(&t->odd, need->odd, sizeof(uint32_t))) < 0 ||
        (e = column_reserve(&t->text, need->text, 1)) < 0 ||
        (e = column_reserve(&t->processes, need->processes, sizeof(RM_UNIQUE_PROCESS))) < 0 ||
        (e = column_reserve(&t->services, need->services, sizeof(uint32_t))) < 0)
        return e;
    return buckets_reserve(t, need->files);
}

static void index_file(struct tables *t, uint32_t index)
{
    struct rm_file *files = t->files.data;
    uint32_t b = bucket_of(t, files[index].id.inode);

    if (t->buckets[b] == RM_NO_FILE)
        t->bucket_count++;
    files[index].next = t->buckets[b];
    t->buckets[b] = index;
}

static uint32_t add_text(struct tables *t, const char *s)
{
    uint32_t at = t->text.count;
    size_t size = strlen(s) + 1;

    memcpy((char *)t->text.data + at, s, size);
    t->text.count += (uint32_t)size;
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
    struct tables *t = r->t;
    bool odd = rm_identity_is_odd(id);
    uint32_t index = t->files.count;

    if (!odd && is_known(r, path, id))
        return;
    t->files.count++;
    ((struct rm_file *)t->files.data)[index] =
        (struct rm_file){.id = *id, .path = add_text(t, path), .next = RM_NO_FILE};
    if (odd)
        ((uint32_t *)t->odd.data)[t->odd.count++] = index;
    else
        index_file(t, index);
}

void rm_resources_add_process(struct rm_resources *r, const RM_UNIQUE_PROCESS *process)
{
    ((RM_UNIQUE_PROCESS *)r->t->processes.data)[r->t->processes.count++] = *process;
}

void rm_resources_add_service(struct rm_resources *r, const char *name)
{
    ((uint32_t *)r->t->services.data)[r->t->services.count++] = add_text(r->t, name);
}

int rm_resources_settle(struct rm_resources *r, uint32_t n, const struct rm_identity *id)
{
    bool settled = !rm_identity_is_odd(id);
    int e = own(r);
    struct tables *t = r->t;

    if (e >= 0 && settled)
        e = buckets_reserve(t, 1);
    if (e < 0)
        return e;

    uint32_t *odd = t->odd.data, index = odd[n];

    ((struct rm_file *)t->files.data)[index].id = *id;
    if (settled) {
        index_file(t, index);
        odd[n] = odd[--t->odd.count];
    }
    return 0;
}

uint32_t rm_resources_find(const struct rm_resources *r, uint64_t inode)
{
    return r->t->buckets ? r->t->buckets[bucket_of(r->t, inode)] : RM_NO_FILE;
}

uint32_t rm_resources_file_count(const struct rm_resources *r)
{
    return r->t->files.count;
}

const struct rm_file *rm_resources_file(const struct rm_resources *r, uint32_t index)
{
    return (const struct rm_file *)r->t->files.data + index;
}

const char *rm_resources_path(const struct rm_resources *r, uint32_t index)
{
    return (const char *)r->t->text.data + rm_resources_file(r, index)->path;
}

uint32_t rm_resources_odd_count(const struct rm_resources *r)
{
    return r->t->odd.count;
}

uint32_t rm_resources_odd(const struct rm_resources *r, uint32_t n)
{
    return ((const uint32_t *)r->t->odd.data)[n];
}

uint32_t rm_resources_process_count(const struct rm_resources *r)
{
    return r->t->processes.count;
}

const RM_UNIQUE_PROCESS *rm_resources_process(const struct rm_resources *r, uint32_t n)
{
    return (const RM_UNIQUE_PROCESS *)r->t->processes.data + n;
}

uint32_t rm_resources_service_count(const struct rm_resources *r)
{
    return r->t->services.count;
}

const char *rm_resources_service(const struct rm_resources *r, uint32_t n)
{
    return (const char *)r->t->text.data + ((const uint32_t *)r->t->services.data)[n];
}
