/* SPDX-License-Identifier: MIT
 *
 * One session in the store, as its primary or a secondary refers to it.  A
 * reference keeps no file open.
 *
 * All joins of one process to one session share a reference and a log.
 */
#pragma once

#include "store.h"
#include "wait.h"

#include <pthread.h>
#include <stdbool.h>

#define RM_SLOT_PREFIX "s-"
#define RM_LOG_PREFIX "j-"
#define RM_SLOT_NAME_SIZE (2 + 64 + 1)
#define RM_LOG_NAME_SIZE (2 + 16 + 1)

/* How far the primary has read a secondary's log. */
struct rm_seen {
    char name[RM_LOG_NAME_SIZE];
    uint64_t offset;
};

struct rm_slot {
    bool primary;
    WCHAR store[RM_STORE_PATH_SIZE];
    WCHAR folder[RM_STORE_PATH_SIZE];

    /* primary; covered by the session's turn */
    struct rm_seen *seen;
    uint32_t seen_count, seen_capacity;

    /* secondary */
    struct rm_slot *next;  /* in the process's list of joined sessions; with `joins`, under that list's mutex */
    unsigned joins;
    pthread_mutex_t mutex; /* covers the rest */
    char log_name[RM_LOG_NAME_SIZE];
    uint64_t good;         /* bytes of the log that are whole records */
};

/* store\s-HASH */
int rm_slot_folder(const WCHAR *store, const uint8_t key_hash[32], WCHAR ret[RM_STORE_PATH_SIZE]);

/* The two ways of letting go of a slot; see rm_host_slot_leave_take. */
int rm_primary_end_take(struct rm_slot *slot, const struct rm_wait *wait);
int rm_secondary_leave_take(struct rm_slot *slot);
