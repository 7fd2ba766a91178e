/* SPDX-License-Identifier: MIT
 *
 * The memory behind what has been registered.  A scan shares it with the
 * session, so that a thread of the scan that has to be left behind has
 * something to look at; whoever changes tables that are shared copies them
 * first.
 */
#pragma once

#include "restartmanager.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* A table that only grows. */
struct rm_column {
    void *data;
    uint32_t count, capacity;
};

/* Of these there may be a million, so they are small: devices are few and have numbers. */
struct rm_file {
    uint64_t inode, btime;
    uint32_t device; /* its number << RM_FLAG_BITS | rm_identity_flags */
    uint32_t path;   /* offset into the text */
    uint32_t next;   /* the next file with this inode number, or RM_NO_FILE */
} __attribute__((packed, aligned(4)));

#define RM_FLAG_BITS 8
#define RM_DEVICES_MAX (1u << (32 - RM_FLAG_BITS))

struct rm_tables {
    atomic_uint references;
    struct rm_column files;     /* struct rm_file */
    struct rm_column devices;   /* uint64_t */
    struct rm_column text;      /* char */
    struct rm_column odd;       /* uint32_t: files that were missing, denied or directories */
    struct rm_column processes; /* RM_UNIQUE_PROCESS */
    struct rm_column services;  /* uint32_t: offsets into the text */
    uint32_t *buckets;       /* first file of each inode number, open addressing */
    uint32_t bucket_mask;    /* a power of two less one; 0: no buckets */
    uint32_t bucket_count;   /* in use */
};

/* Room for `more` items of that size: 0, -ENOMEM, or -E2BIG past 2^32. */
int rm_column_reserve(struct rm_column *c, size_t more, size_t size);
/* Gives back what is not used. */
void rm_column_trim(struct rm_column *c, size_t size);

int rm_tables_new(struct rm_tables **ret);
void rm_tables_unref(struct rm_tables *t);
/* Into empty ones; on failure they may be half filled. */
int rm_tables_copy(struct rm_tables *t, const struct rm_tables *from);
