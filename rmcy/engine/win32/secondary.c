/* SPDX-License-Identifier: MIT
 *
 * A secondary's side of a session in the store: join by key, append, leave.
 */
#include "header.h"
#include "hex.h"
#include "host.h"
#include "lock.h"
#include "log.h"
#include "slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CEILING (64u << 20) /* ours: what one process may store in one session */

/* The sessions that this process has joined. */
static pthread_mutex_t joined_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rm_slot *joined;

/* -EOWNERDEAD: the session has ended, or its owner has. */
static int check_living(const struct rm_slot *slot)
{
    struct rm_header header;
    int e = rm_header_read(slot->folder, &header);

    if (e == -ENOENT || e == -EBADMSG || (e >= 0 && rm_header_state(&header) == RMX_SESSION_ABANDONED))
        return -EOWNERDEAD;
    return e;
}

static int create_log(struct rm_slot *slot)
{
    uint8_t random[8];
    HANDLE file;
    int e = rm_host_random(random, sizeof random);

    if (e < 0)
        return e;
    strcpy(slot->log_name, RM_LOG_PREFIX);
    rm_hex(random, sizeof random, slot->log_name + strlen(slot->log_name));
    e = rm_store_open_file(slot->folder, slot->log_name, GENERIC_WRITE, CREATE_NEW, &file);
    if (e >= 0)
        CloseHandle(file);
    return e;
}

static int join_in(struct rm_slot *slot, const struct rm_wait *wait)
{
    struct rm_lock lock;
    /* Without the lock first: nobody should wait to learn that a key is wrong. */
    int e = check_living(slot);

    if (e >= 0)
        e = rm_lock_acquire(slot->store, wait, &lock);
    if (e >= 0) {
        e = check_living(slot);
        if (e >= 0)
            e = create_log(slot);
        rm_lock_release(&lock);
    }
    return e == -EOWNERDEAD || e == -ENOENT ? -EKEYREJECTED : e;
}

/* Under the mutex. */
static struct rm_slot *find_joined(const WCHAR *folder)
{
    struct rm_slot *slot = joined;

    while (slot && wcscmp(slot->folder, folder))
        slot = slot->next;
    return slot;
}

/* One more join of a session that this process has joined already, or -ENOENT. */
static int join_again(const WCHAR *folder, struct rm_slot **ret)
{
    struct rm_slot *slot;
    int e = -ENOENT;

    pthread_mutex_lock(&joined_mutex);
    slot = find_joined(folder);
    if (slot) {
        e = check_living(slot);
        if (e >= 0) {
            slot->joins++;
            *ret = slot;
        }
    }
    pthread_mutex_unlock(&joined_mutex);
    return e == -EOWNERDEAD ? -EKEYREJECTED : e;
}

static void free_slot(struct rm_slot *slot)
{
    pthread_mutex_destroy(&slot->mutex);
    free(slot);
}

int rm_host_slot_join(const uint8_t key_hash[32], const struct rm_wait *wait, struct rm_slot **ret)
{
    struct rm_slot *slot = calloc(1, sizeof *slot);
    int e;

    if (!slot)
        return -ENOMEM;
    slot->joins = 1;
    pthread_mutex_init(&slot->mutex, NULL);
    e = rm_store_path(slot->store);
    if (e >= 0)
        e = rm_slot_folder(slot->store, key_hash, slot->folder);
    if (e >= 0)
        e = join_again(slot->folder, ret);
    if (e != -ENOENT) {
        free_slot(slot);
        return e;
    }
    e = join_in(slot, wait);
    if (e < 0) {
        free_slot(slot);
        return e;
    }
    /* Two threads may have joined at once; then there are two logs, which does no harm. */
    pthread_mutex_lock(&joined_mutex);
    slot->next = joined;
    joined = slot;
    pthread_mutex_unlock(&joined_mutex);
    *ret = slot;
    return 0;
}

/* Gives up one join; true if it was the last. */
static bool drop_join(struct rm_slot *slot)
{
    bool last;

    pthread_mutex_lock(&joined_mutex);
    last = --slot->joins == 0;
    for (struct rm_slot **p = &joined; last && *p; p = &(*p)->next)
        if (*p == slot) {
            *p = slot->next;
            break;
        }
    pthread_mutex_unlock(&joined_mutex);
    return last;
}

/* The session and what was registered live on; a log in which nothing was registered goes. */
int rm_secondary_leave_take(struct rm_slot *slot)
{
    if (!drop_join(slot))
        return 0;
    if (!slot->good)
        (void)rm_store_remove_file(slot->folder, slot->log_name);
    free_slot(slot);
    return 0;
}

/* Under the slot's mutex. */
static int append(struct rm_slot *slot, const void *data, size_t size)
{
    HANDLE file;
    int e;

    if (size > CEILING || slot->good > CEILING - size)
        return -EFBIG;
    e = rm_store_open_file(slot->folder, slot->log_name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, &file);
    if (e < 0)
        return e;
    e = rm_log_append(file, &slot->good, data, size);
    CloseHandle(file);
    return e;
}

int rm_host_slot_append(struct rm_slot *slot, const void *data, size_t size)
{
    int e = check_living(slot);

    if (e < 0)
        return e;
    pthread_mutex_lock(&slot->mutex);
    e = append(slot, data, size);
    pthread_mutex_unlock(&slot->mutex);
    if (e != -ENOENT && e != -EACCES)
        return e;
    /* The log is gone, or about to go: with its session, or it alone. */
    e = check_living(slot);
    return e >= 0 ? -EIO : e;
}
