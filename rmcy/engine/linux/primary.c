/* SPDX-License-Identifier: MIT
 *
 * The primary's side of a session in the store: start it, read what
 * secondaries registered, end it.
 */
#include "header.h"
#include "hold.h"
#include "host.h"
#include "journals.h"
#include "slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_ATTEMPTS 4

/* May this session's slot be given to another?  If not, *ret_slot is its number. */
static bool is_abandoned(int store_fd, const char *name, uint32_t *ret_slot)
{
    int fd = rm_store_open_directory(store_fd, name), e;
    struct rm_header header;

    *ret_slot = UINT32_MAX;
    if (fd < 0)
        return fd == -ENOTDIR || fd == -ELOOP;
    e = rm_header_read(fd, &header);
    close(fd);
    if (e == -EBADMSG || e == -ENOENT)
        return true; /* sessions appear whole: this is none */
    if (e < 0) /* also a session of another version of rmcy: not ours to judge */
        return false;
    *ret_slot = header.slot;
    return rm_owner_state(&header.owner) == RM_OWNER_DEAD;
}

/* Clears away what the dead left, except what they had stopped, and finds the first free slot.  Under the lock. */
static int find_slot(int store_fd, uint32_t *ret_slot, uint32_t *ret_left_stopped)
{
    uint32_t left_stopped = 0;
    uint64_t used = 0;
    struct dirent *entry;
    DIR *dir;
    int e = rm_store_list(store_fd, &dir);

    if (e < 0)
        return e;
    while ((e = rm_store_next(dir, &entry)) > 0) {
        char gone[RM_GONE_NAME_SIZE];
        uint32_t slot = UINT32_MAX;

        if (!strncmp(entry->d_name, "gone-", 5)) {
            rm_store_remove(store_fd, entry->d_name);
        } else if (rm_slot_is_name(entry->d_name)) {
            if (!is_abandoned(store_fd, entry->d_name, &slot)) {
                if (slot < RM_SLOTS)
                    used |= 1ull << slot;
            } else if (rm_slot_retire(store_fd, entry->d_name, gone) >= 0) {
                rm_store_remove(store_fd, gone);
            }
        } else if (rm_journal_is_name(entry->d_name)) {
            left_stopped += rm_journals_sweep(store_fd, entry->d_name);
        }
    }
    closedir(dir);
    if (e < 0)
        return e;
    *ret_left_stopped = left_stopped;
    for (uint32_t i = 0; i < RM_SLOTS; i++)
        if (!(used >> i & 1)) {
            *ret_slot = i;
            return 0;
        }
    return -EUSERS;
}

/* Makes the session under another name and renames it.  Under the lock. */
static int create(int store_fd, const char *name, const char *label, uint32_t *ret_left_stopped)
{
    char temporary[RM_GONE_NAME_SIZE];
    struct rm_header header;
    uint32_t slot = 0;
    int fd, e;

    e = find_slot(store_fd, &slot, ret_left_stopped);
    if (e >= 0)
        e = rm_header_init(&header, slot, label);
    if (e >= 0)
        e = rm_slot_random_name("gone-", temporary);
    if (e < 0)
        return e;
    if (mkdirat(store_fd, temporary, 0700) < 0)
        return -errno;

    fd = openat(store_fd, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    e = fd < 0 ? -errno : rm_header_write(fd, &header);
    if (fd >= 0)
        close(fd);
    if (e >= 0 && renameat(store_fd, temporary, store_fd, name) < 0)
        e = -errno;
    if (e < 0)
        rm_store_remove(store_fd, temporary);
    return e;
}

static int start_in(struct rm_slot *slot, const char *label, const struct rm_wait *wait)
{
    struct rm_hold hold;
    int e = rm_hold_take(slot->store, true, wait, &hold);

    if (e < 0)
        return e;
    e = create(hold.store_fd, slot->name, label, &slot->left_stopped);
    rm_hold_release(&hold);
    return e;
}

int rm_host_slot_start(const uint8_t key_hash[32], const char *label, const struct rm_wait *wait, struct rm_slot **ret)
{
    struct rm_slot *slot = calloc(1, sizeof *slot);
    int e;

    if (!slot)
        return -ENOMEM;
    slot->primary = true;
    slot->process = getpid();
    rm_slot_name(key_hash, slot->name);
    e = rm_store_place(0, slot->store);
    /* -ENOENT: somebody removed the store, or the lock file, while we worked in it. */
    for (int n = 0; e >= 0 && n < START_ATTEMPTS; n++) {
        e = start_in(slot, label, wait);
        if (e != -ENOENT)
            break;
        e = n + 1 < START_ATTEMPTS ? 0 : -EIO;
    }
    if (e < 0)
        free(slot);
    else
        *ret = slot;
    return e;
}

uint32_t rm_host_slot_left_stopped(const struct rm_slot *slot)
{
    return slot->left_stopped;
}

int rm_primary_end_take(struct rm_slot *slot, const struct rm_wait *wait)
{
    char gone[RM_GONE_NAME_SIZE];
    struct rm_lock lock;
    int store_fd = -1, fd, e;

    fd = rm_slot_open(slot, &store_fd);
    if (fd == -ENOENT || fd == -EBADF) {
        e = 0; /* nothing is left of it, or nothing of it is ours */
        goto free;
    }
    e = fd;
    if (e >= 0) {
        close(fd);
        e = rm_lock_acquire(store_fd, wait, &lock);
    }
    if (e == -ETIMEDOUT || e == -ECANCELED || e == -EINTR)
        goto out;
    if (e >= 0) {
        e = rm_slot_retire(store_fd, slot->name, gone);
        rm_lock_release(&lock);
    }
    /* Many files may be in it: removed with the lock let go. */
    if (e >= 0)
        rm_store_remove(store_fd, gone);
    if (e == -ENOENT)
        e = 0;
free:
    free(slot->seen);
    free(slot);
out:
    if (store_fd >= 0)
        close(store_fd);
    return e;
}

static int seen_of(struct rm_slot *slot, const char *name, struct rm_seen **ret)
{
    uint32_t low = 0, high = slot->seen_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(slot->seen[middle].name, name);

        if (!order) {
            *ret = &slot->seen[middle];
            return 0;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (slot->seen_count == slot->seen_capacity) {
        uint32_t capacity = slot->seen_capacity * 2 + 16;
        struct rm_seen *seen = realloc(slot->seen, capacity * sizeof *seen);

        if (!seen)
            return -ENOMEM;
        slot->seen = seen;
        slot->seen_capacity = capacity;
    }
    memmove(slot->seen + low + 1, slot->seen + low, (slot->seen_count - low) * sizeof *slot->seen);
    slot->seen[low] = (struct rm_seen){0};
    memcpy(slot->seen[low].name, name, RM_LOG_NAME_SIZE);
    slot->seen_count++;
    *ret = &slot->seen[low];
    return 0;
}

struct reading {
    int (*record)(void *context, const void *data, size_t size);
    void *context;
    bool first; /* the next record is the one that every log begins with, which registers nothing */
};

static int pass_on(void *context, const void *data, size_t size)
{
    struct reading *reading = context;

    if (reading->first) {
        reading->first = false;
        return 0;
    }
    return reading->record(reading->context, data, size);
}

static int read_log(struct rm_slot *slot, int dir_fd, const char *name,
                    int (*record)(void *context, const void *data, size_t size), void *context)
{
    struct reading reading = {.record = record, .context = context};
    struct rm_seen *seen;
    struct stat st;
    int fd, e;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno; /* a secondary that registered nothing has left */
    e = seen_of(slot, name, &seen);
    if (e < 0 || (S_ISREG(st.st_mode) && (uint64_t)st.st_size <= seen->offset))
        return e;
    fd = rm_store_open_file(dir_fd, name, O_RDONLY, NULL);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    reading.first = seen->offset == 0;
    e = rm_log_read(fd, &seen->offset, pass_on, &reading);
    close(fd);
    return e;
}

int rm_host_slot_read(struct rm_slot *slot, int (*record)(void *context, const void *data, size_t size), void *context)
{
    int fd = rm_slot_open(slot, NULL), e = 0;
    struct dirent *entry;
    DIR *dir;

    if (fd < 0)
        return fd == -ENOENT ? -ESTALE : fd;
    dir = fdopendir(fd);
    if (!dir) {
        e = -errno;
        close(fd);
        return e;
    }
    while (e >= 0 && (e = rm_store_next(dir, &entry)) > 0)
        if (rm_slot_is_log_name(entry->d_name))
            e = read_log(slot, fd, entry->d_name, record, context);
    closedir(dir);
    return e;
}
