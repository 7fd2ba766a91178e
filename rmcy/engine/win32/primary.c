/* SPDX-License-Identifier: MIT
 *
 * The primary's side of a session in the store: start it, read what
 * secondaries registered, end it.
 */
#include "error.h"
#include "header.h"
#include "host.h"
#include "lock.h"
#include "log.h"
#include "slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const WCHAR *store;
    uint64_t used; /* a bit for each slot */
};

/* Clears away what the dead left; notes which slots the living have. */
static int look_at_session(void *context, const char *name)
{
    struct search *search = context;
    WCHAR folder[RM_STORE_PATH_SIZE];
    struct rm_header header;
    int e = rm_store_join(search->store, name, folder);

    if (e < 0)
        return e;
    e = rm_header_read(folder, &header);
    if (e == -ENOENT || e == -EBADMSG || (e >= 0 && rm_header_state(&header) == RMX_SESSION_ABANDONED))
        rm_store_remove(folder);
    else if (e >= 0)
        search->used |= 1ull << header.slot;
    return 0;
}

/* Under the lock. */
static int find_slot(const WCHAR *store, uint32_t *ret)
{
    struct search search = {.store = store};
    int e = rm_store_list(store, RM_SLOT_PREFIX, look_at_session, &search);

    if (e < 0)
        return e;
    for (uint32_t i = 0; i < RM_SLOTS; i++)
        if (!(search.used >> i & 1)) {
            *ret = i;
            return 0;
        }
    return -EUSERS;
}

/* Under the lock. */
static int create(const struct rm_slot *slot, const char *label)
{
    struct rm_header header;
    uint32_t number;
    int e = find_slot(slot->store, &number);

    if (e >= 0)
        e = rm_header_init(&header, number, label);
    if (e < 0)
        return e;
    if (!CreateDirectoryW(slot->folder, NULL))
        return rm_last_error();
    e = rm_header_write(slot->folder, &header);
    if (e < 0)
        rm_store_remove(slot->folder);
    return e;
}

int rm_host_slot_start(const uint8_t key_hash[32], const char *label, const struct rm_wait *wait, struct rm_slot **ret)
{
    struct rm_slot *slot = calloc(1, sizeof *slot);
    struct rm_lock lock;
    int e;

    if (!slot)
        return -ENOMEM;
    slot->primary = true;
    e = rm_store_make(slot->store);
    if (e >= 0)
        e = rm_slot_folder(slot->store, key_hash, slot->folder);
    if (e >= 0)
        e = rm_lock_acquire(slot->store, wait, &lock);
    if (e >= 0) {
        e = create(slot, label);
        rm_lock_release(&lock);
    }
    if (e == -ENOENT)
        e = -EIO; /* the store was removed while we worked in it; no code says "no file" of a start */
    if (e < 0)
        free(slot);
    else
        *ret = slot;
    return e;
}

int rm_primary_end_take(struct rm_slot *slot, const struct rm_wait *wait)
{
    struct rm_lock lock;
    int e = rm_lock_acquire(slot->store, wait, &lock);

    if (e == -ETIMEDOUT || e == -ECANCELED || e == -EINTR)
        return e;
    if (e >= 0) {
        e = rm_store_remove_file(slot->folder, RM_HEADER_FILE);
        rm_lock_release(&lock);
    }
    /* Many files may be in it: removed with the lock let go. */
    rm_store_remove(slot->folder);
    free(slot->seen);
    free(slot);
    return e;
}

static int seen_of(struct rm_slot *slot, const char *name, struct rm_seen **ret)
{
    for (uint32_t i = 0; i < slot->seen_count; i++)
        if (!strcmp(slot->seen[i].name, name)) {
            *ret = &slot->seen[i];
            return 0;
        }
    if (slot->seen_count == slot->seen_capacity) {
        uint32_t capacity = slot->seen_capacity * 2 + 16;
        struct rm_seen *seen = realloc(slot->seen, capacity * sizeof *seen);

        if (!seen)
            return -ENOMEM;
        slot->seen = seen;
        slot->seen_capacity = capacity;
    }
    *ret = &slot->seen[slot->seen_count++];
    **ret = (struct rm_seen){0};
    strcpy((*ret)->name, name);
    return 0;
}

struct reading {
    struct rm_slot *slot;
    int (*record)(void *context, const void *data, size_t size);
    void *context;
};

static int read_log(void *context, const char *name)
{
    struct reading *reading = context;
    struct rm_seen *seen;
    HANDLE file;
    int e;

    if (strlen(name) >= RM_LOG_NAME_SIZE)
        return 0; /* nobody here writes such names */
    e = seen_of(reading->slot, name, &seen);
    if (e >= 0)
        e = rm_store_open_file(reading->slot->folder, name, GENERIC_READ, OPEN_EXISTING, &file);
    if (e < 0)
        return e == -ENOENT ? 0 : e; /* a secondary that registered nothing has left */
    e = rm_log_read(file, &seen->offset, reading->record, reading->context);
    CloseHandle(file);
    return e;
}

int rm_host_slot_read(struct rm_slot *slot, int (*record)(void *context, const void *data, size_t size), void *context)
{
    struct reading reading = {.slot = slot, .record = record, .context = context};
    struct rm_header header;
    int e = rm_header_read(slot->folder, &header);

    if (e == -ENOENT || e == -EBADMSG)
        return -ESTALE;
    return e < 0 ? e : rm_store_list(slot->folder, RM_LOG_PREFIX, read_log, &reading);
}
