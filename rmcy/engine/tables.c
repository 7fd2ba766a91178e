/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rm_column_reserve(struct rm_column *c, size_t more, size_t size)
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

int rm_tables_new(struct rm_tables **ret)
{
    struct rm_tables *t = calloc(1, sizeof *t);

    if (!t)
        return -ENOMEM;
    t->references = 1;
    *ret = t;
    return 0;
}

void rm_tables_unref(struct rm_tables *t)
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

static int column_copy(struct rm_column *c, const struct rm_column *from, size_t size)
{
    int e = rm_column_reserve(c, from->count, size);

    if (e >= 0 && from->count)
        memcpy(c->data, from->data, from->count * size);
    if (e >= 0)
        c->count = from->count;
    return e;
}

int rm_tables_copy(struct rm_tables *t, const struct rm_tables *from)
{
    size_t size = ((size_t)from->bucket_mask + 1) * sizeof *t->buckets;
    int e;

    if ((e = column_copy(&t->files, &from->files, sizeof(struct rm_file))) < 0 ||
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

void rm_column_trim(struct rm_column *c, size_t size)
{
    void *data = c->count ? realloc(c->data, c->count * size) : NULL;

    if (data) {
        c->data = data;
        c->capacity = c->count;
    }
}
