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

/* Of these there may be a million, so they are small: devices are few and have numbers. */
struct file {
    uint64_t inode, btime;
    uint32_t device; /* its number << FLAG_BITS | rm_identity_flags */
    uint32_t path;   /* offset into the text */
    uint32_t next;   /* the next file with this inode number, or RM_NO_FILE */
} __attribute__((packed, aligned(4)));

#define FLAG_BITS 8
#define DEVICES_MAX (1u << (32 - FLAG_BITS))

struct tables {
    atomic_uint references;
    struct column files;     /* struct file */
    struct column devices;   /* uint64_t */
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
    free(t->devices.data);
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

    if ((e = column_copy(&t->files, &from->files, sizeof(struct file))) < 0 ||
        (e = column_copy(&t->devices, &from->devices, sizeof(uint64_t))) < 0 ||
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
    const struct file *files = t->files.data;
    uint32_t b = hash(inode) & t->bucket_mask;

    while (t->buckets[b] != RM_NO_FILE && files[t->buckets[b]].inode != inode)
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
        const struct file *files = t->files.data;

        if (old[b] != RM_NO_FILE)
            buckets[bucket_of(t, files[old[b]].inode)] = old[b];
    }
    free(old);
    return 0;
}

int rm_resources_reserve(struct rm_resources *r, const struct rm_resources_need *need)
{
    int e = own(r);
    struct tables *t = r->t;

    if (e < 0)
        return e;
    if ((size_t)t->devices.count + need->devices > DEVICES_MAX)
        return -E2BIG;
    if ((e = column_reserve(&t->files, need->files, sizeof(struct file))) < 0 ||
        (e = column_reserve(&t->devices, need->devices, sizeof(uint64_t))) < 0 ||
        (e = column_reserve(&t->odd, need->odd, sizeof(uint32_t))) < 0 ||
        (e = column_reserve(&t->text, need->text, 1)) < 0 ||
        (e = column_reserve(&t->processes, need->processes, sizeof(RM_UNIQUE_PROCESS))) < 0 ||
        (e = column_reserve(&t->services, need->services, sizeof(uint32_t))) < 0)
        return e;
    return buckets_reserve(t, need->files);
}

static void index_file(struct tables *t, uint32_t index)
{
    struct file *files = t->files.data;
    uint32_t b = bucket_of(t, files[index].inode);

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

static const struct file *file_at(const struct tables *t, uint32_t index)
{
    return (const struct file *)t->files.data + index;
}

/* The number of a device; there is room for one more. */
static uint32_t device_number(struct tables *t, uint64_t device)
{
    uint64_t *devices = t->devices.data;
    uint32_t n = t->devices.count;

    /* From the end: files that are registered together lie together. */
    while (n-- > 0)
        if (devices[n] == device)
            return n;
    devices[t->devices.count] = device;
    return t->devices.count++;
}

static void set_identity(struct tables *t, uint32_t index, const struct rm_identity *id)
{
    struct file *file = (struct file *)t->files.data + index;

    file->inode = id->inode;
    file->btime = id->btime;
    file->device = device_number(t, id->device) << FLAG_BITS | id->flags;
}

/* The same name of the same file again?  A few looks are enough: lists that repeat themselves do so at once. */
static bool is_known(const struct rm_resources *r, const char *path, const struct rm_identity *id)
{
    uint32_t index = rm_resources_find(r, id->inode);

    for (int looks = 0; looks < 8 && index != RM_NO_FILE; looks++) {
        const struct rm_identity known = rm_resources_identity(r, index);

        if (rm_identity_equal(&known, id) && !strcmp(rm_resources_path(r, index), path))
            return true;
        index = rm_resources_next(r, index);
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
    ((struct file *)t->files.data)[index] = (struct file){.path = add_text(t, path), .next = RM_NO_FILE};
    set_identity(t, index, id);
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

    if (e >= 0)
        e = column_reserve(&t->devices, 1, sizeof(uint64_t));
    if (e >= 0 && settled)
        e = buckets_reserve(t, 1);
    if (e < 0)
        return e;
    if (t->devices.count == DEVICES_MAX)
        return -E2BIG;

    uint32_t *odd = t->odd.data, index = odd[n];

    set_identity(t, index, id);
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

struct rm_identity rm_resources_identity(const struct rm_resources *r, uint32_t index)
{
    const struct file *file = file_at(r->t, index);

    return (struct rm_identity){.device = ((const uint64_t *)r->t->devices.data)[file->device >> FLAG_BITS],
                                .inode = file->inode,
                                .btime = file->btime,
                                .flags = file->device & ((1u << FLAG_BITS) - 1)};
}

uint32_t rm_resources_next(const struct rm_resources *r, uint32_t index)
{
    return file_at(r->t, index)->next;
}

const char *rm_resources_path(const struct rm_resources *r, uint32_t index)
{
    return (const char *)r->t->text.data + file_at(r->t, index)->path;
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

bool rm_resources_is_empty(const struct rm_resources *r)
{
    return !r->t->files.count && !r->t->processes.count && !r->t->services.count;
}

int rm_resources_merge(struct rm_resources *r, const struct rm_resources *from)
{
    struct rm_resources_need need = {
        .files = rm_resources_file_count(from),
        .odd = rm_resources_odd_count(from),
        .processes = rm_resources_process_count(from),
        .services = rm_resources_service_count(from),
        .text = from->t->text.count,
        .devices = from->t->devices.count,
    };
    int e = rm_resources_reserve(r, &need);

    if (e < 0)
        return e;
    for (uint32_t i = 0; i < need.files; i++) {
        struct rm_identity id = rm_resources_identity(from, i);

        rm_resources_add_file(r, rm_resources_path(from, i), &id);
    }
    for (uint32_t i = 0; i < need.processes; i++)
        rm_resources_add_process(r, rm_resources_process(from, i));
    for (uint32_t i = 0; i < need.services; i++)
        rm_resources_add_service(r, rm_resources_service(from, i));
    return 0;
}

static void column_trim(struct column *c, size_t size)
{
    void *data = c->count ? realloc(c->data, c->count * size) : NULL;

    if (data) {
        c->data = data;
        c->capacity = c->count;
    }
}

void rm_resources_trim(struct rm_resources *r)
{
    if (r->t->references > 1)
        return;
    column_trim(&r->t->files, sizeof(struct file));
    column_trim(&r->t->text, 1);
}
