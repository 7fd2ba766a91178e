/* SPDX-License-Identifier: MIT
 *
 * The journals that lie in a store.
 */
#pragma once

#include "journal_file.h"
#include "store.h"

#include <sys/types.h>

struct rm_journal_found {
    struct rm_journal_state state;
    enum rm_journal_fate fate;
    uint32_t stopped; /* and not back */
};

/* Opens one and reads all of it; flags as for rm_store_open_file.  -ENOENT: it has ended.  Returns the descriptor. */
int rm_journals_open(int store_fd, const char *name, int flags, struct rm_journal_found *ret);
/* Is that error of rm_journals_open a matter of this one file: it is no journal, or no longer there? */
bool rm_journals_is_none(int e);
/* Is there anything in it that somebody could still bring back? */
bool rm_journals_counts(const struct rm_journal_found *found);
/* How many programs and services the dead had stopped, by this journal; takes it out of the store when it is theirs and
 * says nothing any more.  Under the lock. */
uint32_t rm_journals_sweep(int store_fd, const char *name);

/* A session's own. */
struct rm_journal {
    pid_t process; /* a copy in a forked child is no journal */
    char store[RM_STORE_PATH_MAX];
    char name[RM_JOURNAL_NAME_SIZE];
    struct rm_log log;
};

/* -ESTALE: the store has lost it. */
int rm_journal_append_in(struct rm_journal *journal, int store_fd, enum rm_journal_record kind, const void *data,
                         size_t size);
