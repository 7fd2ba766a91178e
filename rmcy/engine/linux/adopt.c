/* SPDX-License-Identifier: MIT
 *
 * To take over what the dead have left.  A journal changes hands by one record,
 * under the store's lock: two who recover never get the same one, and when the
 * new owner dies, too, it is abandoned again.
 */
#include "hold.h"
#include "host.h"
#include "journal.h"
#include "journals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 1: it is ours now.  Under the lock. */
static int adopt(int store_fd, struct rm_journal *journal, const struct rm_owner *self)
{
    struct rm_journal_found found;
    int fd = rm_journals_open(store_fd, journal->name, O_RDWR, &found), e = 0;

    if (fd < 0)
        return rm_journals_is_none(fd) ? 0 : fd;
    if (!rm_journals_counts(&found)) {
        (void)unlinkat(store_fd, journal->name, 0);
    } else if (found.fate == RM_JOURNAL_ABANDONED) {
        found.state.head.owner = *self;
        journal->log = found.state.log;
        e = rm_journal_append(fd, &journal->log, RM_JOURNAL_OWNER, &found.state.head, sizeof found.state.head);
        if (e >= 0)
            e = 1;
    }
    close(fd);
    return e;
}

static int adopt_in(int store_fd, struct rm_journal *journal, const struct rm_owner *self)
{
    struct dirent *entry;
    DIR *dir;
    int e = rm_store_list(store_fd, &dir), adopted = 0;

    if (e < 0)
        return e;
    while (!adopted && (e = rm_store_next(dir, &entry)) > 0) {
        if (!rm_journal_is_name(entry->d_name))
            continue;
        memcpy(journal->name, entry->d_name, sizeof journal->name);
        adopted = adopt(store_fd, journal, self);
    }
    closedir(dir);
    return e < 0 ? e : adopted;
}

int rm_host_journal_adopt(const struct rm_wait *wait, struct rm_journal **ret)
{
    struct rm_journal *journal = calloc(1, sizeof *journal);
    struct rm_owner self;
    int e;

    if (!journal)
        return -ENOMEM;
    journal->process = getpid();
    e = rm_owner_self(&self);
    for (unsigned n = 0; e == 0 && n < RM_STORE_PLACES && rm_store_place(n, journal->store) >= 0; n++) {
        struct rm_hold hold;

        e = rm_hold_take(journal->store, false, wait, &hold);
        if (e >= 0) {
            e = adopt_in(hold.store_fd, journal, &self);
            rm_hold_release(&hold);
        } else if (e == -ENOENT) {
            e = 0;
        }
    }
    if (e <= 0) {
        free(journal);
        journal = NULL;
    }
    if (e >= 0)
        *ret = journal;
    return e < 0 ? e : 0;
}
