/* SPDX-License-Identifier: MIT
 *
 * All sessions of this user, for people to look at.  Reading takes no lock:
 * a session that ends meanwhile is there or is not.
 */
#include "header.h"
#include "host.h"
#include "log.h"
#include "slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* RMX_SESSIONS, its rows and their labels in one block. */
struct block {
    RMX_SESSIONS public;
    RMX_SESSION rows[RM_SLOTS * RM_STORE_PLACES];
    char labels[RM_SLOTS * RM_STORE_PLACES][RM_LABEL_SIZE];
};

static uint32_t state_of(const struct rm_owner *owner)
{
    switch (rm_owner_state(owner)) {
    case RM_OWNER_ALIVE:
        return RMX_SESSION_LIVE;
    case RM_OWNER_DEAD:
        return RMX_SESSION_ABANDONED;
    default:
        return RMX_SESSION_FOREIGN;
    }
}

static int count_record(void *context, const void *data, size_t size)
{
    (void)data, (void)size;
    ++*(uint64_t *)context;
    return 0;
}

static int count_log(int dir_fd, const char *name, RMX_SESSION *row)
{
    int fd = rm_store_open_file(dir_fd, name, O_RDONLY, NULL), e;
    uint64_t offset = 0, records = 0;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd; /* it has left */
    e = rm_log_read(fd, &offset, count_record, &records);
    close(fd);
    row->secondaries++;
    row->records += records ? records - 1 : 0; /* each log begins with one that registers nothing */
    return e;
}

static int count_logs(int dir_fd, RMX_SESSION *row)
{
    struct dirent *entry;
    DIR *dir;
    int e = rm_store_list(dir_fd, &dir);

    if (e < 0)
        return e;
    while (e >= 0 && (e = rm_store_next(dir, &entry)) > 0)
        if (rm_slot_is_log_name(entry->d_name))
            e = count_log(dir_fd, entry->d_name, row);
    closedir(dir);
    return e;
}

static int add(struct block *block, int store_fd, const char *name)
{
    uint32_t n = block->public.count;
    RMX_SESSION *row = &block->rows[n];
    struct rm_header header;
    int fd, e = 0;

    if (n == RM_SLOTS * RM_STORE_PLACES)
        return 0;
    fd = rm_store_open_directory(store_fd, name);
    if (fd == -ENOENT)
        return 0; /* it has ended */
    *row = (RMX_SESSION){.state = RMX_SESSION_UNREADABLE, .slot = UINT32_MAX, .label = block->labels[n]};
    if (fd >= 0 && rm_header_read(fd, &header) >= 0) {
        memcpy(block->labels[n], header.label, RM_LABEL_SIZE);
        row->slot = header.slot;
        row->owner_pid = header.owner.pid;
        row->owner_start = header.owner.start;
        row->started = header.started;
        row->state = state_of(&header.owner);
        e = count_logs(fd, row);
        if (e < 0 && e != -ENOMEM)
            row->state = RMX_SESSION_UNREADABLE;
    }
    if (fd >= 0)
        close(fd);
    block->public.count++;
    return e == -ENOMEM ? e : 0;
}

static int add_store(struct block *block, const char *path)
{
    int fd = rm_store_open(path);
    struct dirent *entry;
    int e = 0;
    DIR *dir;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    dir = fdopendir(fd);
    if (!dir) {
        e = -errno;
        close(fd);
        return e;
    }
    while (e >= 0 && (e = rm_store_next(dir, &entry)) > 0)
        if (rm_slot_is_name(entry->d_name))
            e = add(block, fd, entry->d_name);
    closedir(dir);
    return e;
}

static int by_slot(const void *a, const void *b)
{
    const RMX_SESSION *x = a, *y = b;

    return (x->slot > y->slot) - (x->slot < y->slot);
}

int rm_host_sessions(const struct rm_wait *wait, RMX_SESSIONS **ret)
{
    struct block *block = calloc(1, sizeof *block);
    char path[RM_STORE_PATH_MAX];
    int e = 0;

    if (!block)
        return -ENOMEM;
    for (unsigned n = 0; e >= 0 && n < RM_STORE_PLACES && rm_store_place(n, path) >= 0; n++) {
        e = add_store(block, path);
        if (e >= 0)
            e = rm_wait_check(wait);
    }
    if (e < 0) {
        free(block);
        return e;
    }
    qsort(block->rows, block->public.count, sizeof block->rows[0], by_slot);
    block->public.size = sizeof block->public;
    block->public.sessions = block->rows;
    *ret = &block->public;
    return 0;
}
