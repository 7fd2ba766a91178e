/* SPDX-License-Identifier: MIT
 *
 * One session in the store, as its primary or a secondary refers to it.
 *
 *     STORE/lock                 the store's lock
 *     STORE/s-HASH/session       the header; HASH is the SHA-256 of the key
 *     STORE/s-HASH/j-RANDOM      what one secondary process registered
 *     STORE/gone-RANDOM          a session or a journal that is being made or removed
 *     STORE/w-RANDOM             a journal: what a session has stopped
 *
 * A session appears and disappears by a rename, so nobody ever sees half of
 * one; what a kill leaves behind is a gone-*, which the next start removes.
 * A reference keeps no descriptor open: a process can hold thousands, and a
 * forked child inherits nothing.
 *
 * All joins of one process to one session share a reference and a log.
 */
#pragma once

#include "log.h"
#include "owner.h"
#include "store.h"
#include "wait.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RM_SLOT_NAME_SIZE (2 + 64 + 1)
#define RM_LOG_NAME_SIZE (2 + 16 + 1)
#define RM_GONE_NAME_SIZE (5 + 16 + 1)

/* How far the primary has read a secondary's log. */
struct rm_seen {
    char name[RM_LOG_NAME_SIZE];
    uint64_t offset;
};

struct rm_slot {
    bool primary;
    pid_t process; /* a copy in a forked child is not a reference */
    char store[RM_STORE_PATH_MAX];
    char name[RM_SLOT_NAME_SIZE];

    /* primary; covered by the session's turn */
    struct rm_seen *seen;
    uint32_t seen_count, seen_capacity;
    uint32_t left_stopped; /* by dead sessions, when this one was started */

    /* secondary */
    struct rm_slot *next;   /* in the process's list of joined sessions; with `joins`, under that list's mutex */
    unsigned joins;
    pthread_mutex_t mutex;  /* covers the rest */
    struct rm_owner owner;
    char log_name[RM_LOG_NAME_SIZE];
    struct rm_log log;
    bool registered; /* something is in it */
    uint64_t free_until; /* up to here the log may grow before the session's size is added up again */
};

void rm_slot_name(const uint8_t key_hash[32], char ret_name[RM_SLOT_NAME_SIZE]);
bool rm_slot_is_name(const char *name);
bool rm_slot_is_log_name(const char *name);
/* prefix and 16 hexadecimal digits */
bool rm_slot_is_random_name(const char *name, const char *prefix);
/* prefix and 16 random hexadecimal digits */
int rm_slot_random_name(const char *prefix, char *ret_name);

/* Opens the session's directory; -ENOENT when the session has ended.  *ret_store may be NULL. */
int rm_slot_open(const struct rm_slot *slot, int *ret_store);

/* The two ways of letting go of a slot; see rm_host_slot_leave_take. */
int rm_primary_end_take(struct rm_slot *slot, const struct rm_wait *wait);
int rm_secondary_leave_take(struct rm_slot *slot);

/* Takes a session out of the store: nobody finds it from here on.  Under the lock. */
int rm_slot_retire(int store_fd, const char *name, char ret_gone[RM_GONE_NAME_SIZE]);
