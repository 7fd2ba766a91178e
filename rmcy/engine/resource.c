/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include "tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct rm_resources {
    struct rm_tables *t; /* shared with what rm_resources_share made; whoever changes them has them alone */
};

/* Before any change: the tables are nobody else's from here on. */
static int own(struct rm_resources *r)
{
    struct rm_tables *t;
    int e;

    if (r->t->references == 1)
        return 0;
    e = rm_tables_new(&t);
    if (e < 0)
        return e;
    e = rm_tables_copy(t, r->t);
    if (e < 0) {
        rm_tables_unref(t);
        return e;
    }
    rm_tables_unref(r->t);
    r->t = t;
    return 0;
}

int rm_resources_new(struct rm_resources **ret)
{
    struct rm_resources *r = calloc(1, sizeof *r);
    int e;

    if (!r)
        return -ENOMEM;
    e = rm_tables_new(&r->t);
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
    rm_tables_unref(r->t);
    free(r);
}

static uint32_t hash(uint64_t inode)
{
    return (uint32_t)((inode * 0x9E3779B97F4A7C15u) >> 32);
}

/* The bucket that holds this inode number, or the empty one where it would go. */
static uint32_t bucket_of(const struct rm_tables *t, uint64_t inode)
{
    const struct rm_file *files = t->files.data;
    uint32_t b = hash(inode) & t->bucket_mask;

    while (t->buckets[b] != RM_NO_FILE && files[t->buckets[b]].inode != inode)
        b = (b + 1) & t->bucket_mask;
    return b;
}

/* At most three quarters of the buckets are used. */
static int buckets_reserve(struct rm_tables *t, uint32_t more)
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
            buckets[bucket_of(t, files[old[b]].inode)] = old[b];
    }
    free(old);
    return 0;
}

int rm_resources_reserve(struct rm_resources *r, const struct rm_resources_need *need)
{
    int e = own(r);
    struct rm_tables *t = r->t;

    if (e < 0)
        return e;
    if ((size_t)t->devices.count + need->devices > RM_DEVICES_MAX)
        return -E2BIG;
    if ((e = rm_column_reserve(&t->files, need->files, sizeof(struct rm_file))) < 0 ||
        (e = rm_column_reserve(&t->devices, need->devices, sizeof(uint64_t))) < 0 ||
        (e = rm_column_reserve(&t->odd, need->odd, sizeof(uint32_t))) < 0 ||
        (e = rm_column_reserve(&t->text, need->text, 1)) < 0 ||
        (e = rm_column_reserve(&t->processes, need->processes, sizeof(RM_UNIQUE_PROCESS))) < 0 ||
        (e = rm_column_reserve(&t->services, need->services, sizeof(uint32_t))) < 0)
        return e;
    return buckets_reserve(t, need->files);
}

static void index_file(struct rm_tables *t, uint32_t index)
{
    struct rm_file *files = t->files.data;
    uint32_t b = bucket_of(t, files[index].inode);

    if (t->buckets[b] == RM_NO_FILE)
        t->bucket_count++;
    files[index].next = t->buckets[b];
    t->buckets[b] = index;
}

static uint32_t add_text(struct rm_tables *t, const char *s)
{
    uint32_t at = t->text.count;
    size_t size = strlen(s) + 1;

    memcpy((char *)t->text.data + at, s, size);
    t->text.count += (uint32_t)size;
    return at;
}

static const struct rm_file *file_at(const struct rm_tables *t, uint32_t index)
{
    return (const struct rm_file *)t->files.data + index;
}

/* The number of a device; there is room for one more. */
static uint32_t device_number(struct rm_tables *t, uint64_t device)
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

static void set_identity(struct rm_tables *t, uint32_t index, const struct rm_identity *id)
{
    struct rm_file *file = (struct rm_file *)t->files.data + index;

    file->inode = id->inode;
    file->btime = id->btime;
    file->device = device_number(t, id->device) << RM_FLAG_BITS | id->flags;
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
    struct rm_tables *t = r->t;
    bool odd = rm_identity_is_odd(id);
    uint32_t index = t->files.count;

    if (!odd && is_known(r, path, id))
        return;
    t->files.count++;
    ((struct rm_file *)t->files.data)[index] = (struct rm_file){.path = add_text(t, path), .next = RM_NO_FILE};
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
    struct rm_tables *t = r->t;

    if (e >= 0)
        e = rm_column_reserve(&t->devices, 1, sizeof(uint64_t));
    if (e >= 0 && settled)
        e = buckets_reserve(t, 1);
    if (e < 0)
        return e;
    if (t->devices.count == RM_DEVICES_MAX)
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
    const struct rm_file *file = file_at(r->t, index);

    return (struct rm_identity){.device = ((const uint64_t *)r->t->devices.data)[file->device >> RM_FLAG_BITS],
                                .inode = file->inode,
                                .btime = file->btime,
                                .flags = file->device & ((1u << RM_FLAG_BITS) - 1)};
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

void rm_resources_trim(struct rm_resources *r)
{
    if (r->t->references > 1)
        return;
    rm_column_trim(&r->t->files, sizeof(struct rm_file));
    rm_column_trim(&r->t->text, 1);
}
