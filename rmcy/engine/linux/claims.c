/* SPDX-License-Identifier: MIT
 *
 * Claims: who has stopped a unit and will bring it back.  They are records of
 * the journals themselves, so they end with their session, and a dead one's
 * count no more.  Under the store's lock, so of those who let go exactly one
 * is the last.
 */
#include "hold.h"
#include "host.h"
#include "journal.h"
#include "journals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct asked {
    const char *name;
    bool claimed;
};

static int note_claim(void *context, const char *name, bool claimed)
{
    struct asked *asked = context;

    if (!strcmp(name, asked->name))
        asked->claimed = claimed;
    return 0;
}

/* What is no journal claims nothing; a session that cannot be judged may live, and claims (ours). */
static int has_claim(int store_fd, const char *journal, const char *name, bool *ret)
{
    struct asked asked = {.name = name};
    struct rm_journal_reader reader = {.claim = note_claim, .context = &asked};
    int fd = rm_store_open_file(store_fd, journal, O_RDONLY, NULL), e = fd;
    struct rm_journal_state state;
    enum rm_journal_fate fate;

    *ret = false;
    if (fd >= 0) {
        e = rm_journal_read(fd, &reader, &state);
        close(fd);
    }
    if (e < 0)
        return rm_journals_is_none(e) ? 0 : e;
    if (asked.claimed) {
        fate = rm_journal_fate(&state);
        *ret = fate == RM_JOURNAL_KEPT || fate == RM_JOURNAL_FOREIGN;
    }
    return 0;
}

static int is_claimed_in(int store_fd, const char *own, const char *name, bool *ret)
{
    struct dirent *entry;
    bool claimed = false;
    DIR *dir;
    int e = rm_store_list(store_fd, &dir);

    if (e < 0)
        return e;
    while (e >= 0 && !claimed && (e = rm_store_next(dir, &entry)) > 0)
        if (rm_journal_is_name(entry->d_name) && strcmp(entry->d_name, own) != 0)
            e = has_claim(store_fd, entry->d_name, name, &claimed);
    closedir(dir);
    if (e < 0)
        return e;
    *ret = claimed;
    return 0;
}

/* In every store of this user.  Only one of them is locked; but each who lets go writes that down before it looks, so
 * of two who do so at once at least one is the last. */
static int is_claimed(const char *own, const char *name, bool *ret)
{
    char path[RM_STORE_PATH_MAX];
    bool claimed = false;
    int e = 0;

    for (unsigned n = 0; e >= 0 && !claimed && n < RM_STORE_PLACES && rm_store_place(n, path) >= 0; n++) {
        int store_fd = rm_store_open(path);

        if (store_fd >= 0) {
            e = is_claimed_in(store_fd, own, name, &claimed);
            close(store_fd);
        } else if (store_fd != -ENOENT) {
            e = store_fd;
        }
    }
    if (e >= 0)
        *ret = claimed;
    return e;
}

int rm_host_journal_claim(struct rm_journal *journal, const char *name, const struct rm_wait *wait)
{
    struct rm_hold hold;
    int e;

    if (journal->process != getpid())
        return -EBADF;
    e = rm_hold_take(journal->store, false, wait, &hold);
    if (e < 0)
        return e == -ENOENT ? -ESTALE : e;
    e = rm_journal_append_in(journal, hold.store_fd, RM_JOURNAL_CLAIM, name, strlen(name) + 1);
    rm_hold_release(&hold);
    return e;
}

int rm_host_journal_unclaim(struct rm_journal *journal, const char *name, const struct rm_wait *wait, bool *ret_last)
{
    struct rm_hold hold;
    bool claimed;
    int e;

    if (journal->process != getpid())
        return -EBADF;
    e = rm_hold_take(journal->store, false, wait, &hold);
    if (e == -ENOENT) {
        *ret_last = true; /* the store has gone, with everybody's claims */
        return 0;
    }
    if (e < 0)
        return e;
    e = rm_journal_append_in(journal, hold.store_fd, RM_JOURNAL_UNCLAIM, name, strlen(name) + 1);
    if (e >= 0 || e == -ESTALE)
        e = is_claimed(journal->name, name, &claimed);
    rm_hold_release(&hold);
    if (e < 0)
        return e;
    *ret_last = !claimed;
    return 0;
}
