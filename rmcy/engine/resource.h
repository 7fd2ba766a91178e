/* SPDX-License-Identifier: MIT
 *
 * What has been registered in a session: files, processes and services.  The
 * lists only grow.  Files are indexed by inode number alone, because the
 * device that a memory map shows is not always the one that stat shows.
 *
 * Not thread-safe: the session's lock covers it.  A scan reads a share of its
 * own, for it may have to leave a thread behind.
 */
#pragma once

#include "identity.h"
#include "restartmanager.h"

#include <stdbool.h>
#include <stddef.h>

#define RM_NO_FILE UINT32_MAX

struct rm_resources;

int rm_resources_new(struct rm_resources **ret);
void rm_resources_free(struct rm_resources *r);

/* The same as it stands now, for another thread to read: costs nothing until the original changes, which copies it. */
int rm_resources_share(const struct rm_resources *r, struct rm_resources **ret);

/* Room for a whole batch: after it, adding the batch cannot fail, so a batch is registered whole or not at all. */
struct rm_resources_need {
    uint32_t files, odd, processes, services;
    uint32_t text;    /* bytes of paths and service names, with their NULs */
    uint32_t devices; /* how often the device is not that of the file before */
};

/* 0, -ENOMEM, or -E2BIG past 2^32 of anything. */
int rm_resources_reserve(struct rm_resources *r, const struct rm_resources_need *need);

/* All that `from` has, or nothing. */
int rm_resources_merge(struct rm_resources *r, const struct rm_resources *from);

/* Gives back memory that was kept for growth. */
void rm_resources_trim(struct rm_resources *r);

bool rm_resources_is_empty(const struct rm_resources *r);

/* Names are copied. */
void rm_resources_add_file(struct rm_resources *r, const char *path, const struct rm_identity *id);
void rm_resources_add_process(struct rm_resources *r, const RM_UNIQUE_PROCESS *process);
void rm_resources_add_service(struct rm_resources *r, const char *name);

uint32_t rm_resources_file_count(const struct rm_resources *r);
struct rm_identity rm_resources_identity(const struct rm_resources *r, uint32_t index);
const char *rm_resources_path(const struct rm_resources *r, uint32_t index);

/* The first file with that inode number, and the next one with the same; or RM_NO_FILE. */
uint32_t rm_resources_find(const struct rm_resources *r, uint64_t inode);
uint32_t rm_resources_next(const struct rm_resources *r, uint32_t index);

/* Files that were missing, denied or directories at the last look: few, not in the index, in a list of their own. */
uint32_t rm_resources_odd_count(const struct rm_resources *r);
uint32_t rm_resources_odd(const struct rm_resources *r, uint32_t n); /* index of a file */

/* A fresh look at the n-th odd file.  One that is an ordinary file by now joins the index and leaves the list, where
 * the last one takes its place: walk the list from its end. */
int rm_resources_settle(struct rm_resources *r, uint32_t n, const struct rm_identity *id);

uint32_t rm_resources_process_count(const struct rm_resources *r);
const RM_UNIQUE_PROCESS *rm_resources_process(const struct rm_resources *r, uint32_t n);
uint32_t rm_resources_service_count(const struct rm_resources *r);
const char *rm_resources_service(const struct rm_resources *r, uint32_t n);
