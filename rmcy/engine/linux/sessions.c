/* SPDX-License-Identifier: MIT
 *
 * All sessions of this user, and what they have stopped, for people to look
 * at.  Reading takes no lock: a session that ends meanwhile is there or is not.
 */
#include "found.h"
#include "header.h"
#include "host.h"
#include "journals.h"
#include "log.h"
#include "slot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int add_session(struct rm_found_list *list, int store_fd, const char *name)
{
    struct rm_found found = {.row = {.state = RMX_SESSION_UNREADABLE, .slot = RMX_NO_SLOT}};
    struct rm_header header;
    int fd, e = 0;

    fd = rm_store_open_directory(store_fd, name);
    if (fd == -ENOENT)
        return 0; /* it has ended */
    memcpy(found.name, name, sizeof found.name);
    if (fd >= 0 && rm_header_read(fd, &header) >= 0) {
        memcpy(found.label, header.label, RM_LABEL_SIZE);
        found.row.slot = header.slot;
        found.row.owner_pid = header.owner.pid;
        found.row.owner_start = header.owner.start;
        found.row.started = header.started;
        found.row.state = state_of(&header.owner);
        e = count_logs(fd, &found.row);
        if (e < 0 && e != -ENOMEM)
            found.row.state = RMX_SESSION_UNREADABLE;
    }
    if (fd >= 0)
        close(fd);
    return e == -ENOMEM ? e : rm_found_add(list, &found);
}

static uint32_t state_of_journal(enum rm_journal_fate fate)
{
    switch (fate) {
    case RM_JOURNAL_KEPT:
        return RMX_SESSION_LIVE;
    case RM_JOURNAL_FOREIGN:
        return RMX_SESSION_FOREIGN;
    default:
        return RMX_SESSION_ABANDONED;
    }
}

/* What a session has stopped belongs to its row.  A session that is gone, or private, has one only for that. */
static int add_journal(struct rm_found_list *list, int store_fd, const char *name)
{
    struct rm_found found = {.row = {.state = RMX_SESSION_UNREADABLE, .slot = RMX_NO_SLOT}};
    struct rm_journal_found journal;
    int fd = rm_journals_open(store_fd, name, O_RDONLY, &journal);

    if (fd == -ENOENT)
        return 0; /* it has ended */
    if (fd < 0)
        return fd == -ENOMEM ? fd : rm_found_add(list, &found);
    close(fd);
    if (!journal.stopped || !rm_journals_counts(&journal))
        return 0;
    for (uint32_t i = 0; i < list->count && *journal.state.head.session; i++)
        if (!strcmp(list->at[i].name, journal.state.head.session)) {
            list->at[i].row.stopped += journal.stopped;
            return 0;
        }
    memcpy(found.label, journal.state.head.label, RM_LABEL_SIZE);
    found.row.owner_pid = journal.state.head.owner.pid;
    found.row.owner_start = journal.state.head.owner.start;
    found.row.started = journal.state.head.started;
    found.row.state = state_of_journal(journal.fate);
    found.row.stopped = journal.stopped;
    return rm_found_add(list, &found);
}

/* Both walks of a directory are of the same one, so that a journal finds its session. */
static int walk(struct rm_found_list *list, int store_fd, bool (*is_name)(const char *name),
                int (*add)(struct rm_found_list *list, int store_fd, const char *name))
{
    struct dirent *entry;
    DIR *dir;
    int e = rm_store_list(store_fd, &dir);

    if (e < 0)
        return e;
    while (e >= 0 && (e = rm_store_next(dir, &entry)) > 0)
        if (is_name(entry->d_name))
            e = add(list, store_fd, entry->d_name);
    closedir(dir);
    return e;
}

static int add_store(struct rm_found_list *list, const char *path)
{
    int fd = rm_store_open(path), e;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    e = walk(list, fd, rm_slot_is_name, add_session);
    if (e >= 0)
        e = walk(list, fd, rm_journal_is_name, add_journal);
    close(fd);
    return e;
}

int rm_host_sessions(const struct rm_wait *wait, RMX_SESSIONS **ret)
{
    char path[RM_STORE_PATH_MAX];
    struct rm_found_list list = {0};
    int e = 0;

    for (unsigned n = 0; e >= 0 && n < RM_STORE_PLACES && rm_store_place(n, path) >= 0; n++) {
        e = add_store(&list, path);
        if (e >= 0)
            e = rm_wait_check(wait);
    }
    if (e >= 0)
        e = rm_found_block(&list, ret);
    rm_found_done(&list);
    return e;
}
