/* SPDX-License-Identifier: MIT
 *
 * A session's own journal: made, written, ended.  Like a slot it is
 * no more than names: each step opens the store again, notices when that has
 * gone, and leaves no descriptor to a forked child.
 *
 * The store's lock covers that journals appear and change hands, and claims;
 * entries are written by the one owner.
 */
#include "journal.h"

#include "header.h"
#include "hold.h"
#include "host.h"
#include "journals.h"
#include "slot.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEW_ATTEMPTS 4

/* ---- to make one ---- */

/* What the session is called; a session that is gone, or private, has no name. */
static void find_label(const struct rm_slot *slot, char ret[RM_LABEL_SIZE])
{
    struct rm_header header;
    int fd = slot ? rm_slot_open(slot, NULL) : -1;

    *ret = 0;
    if (fd < 0)
        return;
    if (rm_header_read(fd, &header) >= 0)
        memcpy(ret, header.label, RM_LABEL_SIZE);
    close(fd);
}

/* Under another name first, so that nobody finds one without an owner.  Under the lock. */
static int create(int store_fd, struct rm_journal *journal, const struct rm_journal_head *head)
{
    char temporary[RM_GONE_NAME_SIZE];
    int fd, e = rm_slot_random_name("gone-", temporary);

    if (e >= 0)
        e = rm_slot_random_name("w-", journal->name);
    if (e < 0)
        return e;
    fd = openat(store_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    journal->log = (struct rm_log){0};
    e = rm_journal_append(fd, &journal->log, RM_JOURNAL_OWNER, head, sizeof *head);
    close(fd);
    if (e >= 0 && renameat(store_fd, temporary, store_fd, journal->name) < 0)
        e = -errno;
    if (e < 0)
        (void)unlinkat(store_fd, temporary, 0);
    return e;
}

static int create_in(struct rm_journal *journal, const struct rm_journal_head *head, const struct rm_wait *wait)
{
    struct rm_hold hold;
    int e = rm_hold_take(journal->store, true, wait, &hold);

    if (e < 0)
        return e;
    e = create(hold.store_fd, journal, head);
    rm_hold_release(&hold);
    return e;
}

int rm_host_journal_new(const struct rm_slot *slot, const struct rm_wait *wait, struct rm_journal **ret)
{
    struct rm_journal *journal = calloc(1, sizeof *journal);
    char label[RM_LABEL_SIZE];
    struct rm_journal_head head;
    struct rm_owner owner;
    int e;

    if (!journal)
        return -ENOMEM;
    journal->process = getpid();
    e = rm_store_place(0, journal->store);
    if (e >= 0)
        e = rm_owner_self(&owner);
    if (e >= 0) {
        find_label(slot, label);
        rm_journal_head_init(&head, &owner, label, slot ? slot->name : "");
        e = -ENOENT;
    }
    /* -ENOENT: somebody removed the store, or its lock file, while we worked in it. */
    for (int n = 0; e == -ENOENT && n < NEW_ATTEMPTS; n++)
        e = create_in(journal, &head, wait);
    if (e < 0) {
        free(journal);
        return e == -ENOENT ? -EIO : e;
    }
    *ret = journal;
    return 0;
}

/* ---- to use it ---- */

int rm_journal_append_in(struct rm_journal *journal, int store_fd, enum rm_journal_record kind, const void *data,
                         size_t size)
{
    int fd = rm_store_open_file(store_fd, journal->name, O_RDWR, NULL), e;

    if (fd < 0)
        return fd == -ENOENT ? -ESTALE : fd;
    e = rm_journal_append(fd, &journal->log, kind, data, size);
    close(fd);
    return e;
}

static int append(struct rm_journal *journal, enum rm_journal_record kind, const void *data, size_t size)
{
    int store_fd, e;

    if (journal->process != getpid())
        return -EBADF;
    store_fd = rm_store_open(journal->store);
    if (store_fd < 0)
        return store_fd == -ENOENT ? -ESTALE : store_fd;
    e = rm_journal_append_in(journal, store_fd, kind, data, size);
    close(store_fd);
    return e;
}

int rm_host_journal_write(struct rm_journal *journal, const void *data, size_t size)
{
    return append(journal, RM_JOURNAL_ENTRY, data, size);
}

int rm_host_journal_read(struct rm_journal *journal, int (*entry)(void *context, const void *data, size_t size),
                         void *context)
{
    struct rm_journal_reader reader = {.entry = entry, .context = context};
    struct rm_journal_state state;
    int store_fd, fd, e;

    if (journal->process != getpid())
        return -EBADF;
    store_fd = rm_store_open(journal->store);
    if (store_fd < 0)
        return store_fd == -ENOENT ? -ESTALE : store_fd;
    fd = rm_store_open_file(store_fd, journal->name, O_RDONLY, NULL);
    close(store_fd);
    if (fd < 0)
        return fd == -ENOENT ? -ESTALE : fd;
    e = rm_journal_read(fd, &reader, &state);
    close(fd);
    return e;
}

void rm_host_journal_end_take(struct rm_journal *journal)
{
    int store_fd;

    if (!journal)
        return;
    store_fd = journal->process == getpid() ? rm_store_open(journal->store) : -1;
    if (store_fd >= 0) {
        (void)unlinkat(store_fd, journal->name, 0);
        close(store_fd);
    }
    free(journal);
}

void rm_host_journal_abandon_take(struct rm_journal *journal)
{
    if (!journal)
        return;
    (void)append(journal, RM_JOURNAL_RELEASED, NULL, 0); /* else it is abandoned when this process ends */
    free(journal);
}
