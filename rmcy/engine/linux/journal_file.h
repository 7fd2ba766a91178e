/* SPDX-License-Identifier: MIT
 *
 * A journal as a file of the store: a log (log.h) with one writer, its owner.
 * Each record begins with what it is:
 *
 *     owner     first; again when the journal is adopted: the last one counts
 *     released  the owner lives and has let go of it
 *     entry     opaque here
 *     claim, unclaim
 *
 * So each change is one append, there as a whole or not at all: whoever is
 * killed in mid-adoption has not adopted.
 */
#pragma once

#include "header.h"
#include "log.h"
#include "slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_JOURNAL_NAME_SIZE (2 + 16 + 1)

struct rm_journal_head {
    char magic[8];
    struct rm_owner owner;
    int64_t started;                 /* of the first owner's session, seconds since 1970 */
    char label[RM_LABEL_SIZE];
    char session[RM_SLOT_NAME_SIZE]; /* its directory, or "": private */
};

enum rm_journal_fate {
    RM_JOURNAL_KEPT,      /* its owner lives */
    RM_JOURNAL_ABANDONED, /* its owner has died, or let go of it */
    RM_JOURNAL_FOREIGN,   /* cannot be judged */
    RM_JOURNAL_PAST       /* of another boot: what it has stopped is gone anyhow */
};

enum rm_journal_record {
    RM_JOURNAL_OWNER = 1,
    RM_JOURNAL_RELEASED,
    RM_JOURNAL_ENTRY,
    RM_JOURNAL_CLAIM,
    RM_JOURNAL_UNCLAIM
};

/* What a reader wants to be told; each may be NULL. */
struct rm_journal_reader {
    int (*entry)(void *context, const void *data, size_t size); /* data is aligned to 8 */
    int (*claim)(void *context, const char *name, bool claimed);
    void *context;
};

/* What is known of a journal once it has been read. */
struct rm_journal_state {
    struct rm_journal_head head;
    bool released;
    struct rm_log log; /* to go on writing */
};

bool rm_journal_is_name(const char *name);
void rm_journal_head_init(struct rm_journal_head *head, const struct rm_owner *owner, const char *label,
                          const char *session);

int rm_journal_append(int fd, struct rm_log *log, enum rm_journal_record kind, const void *data, size_t size);
/* Reads all of it.  -EBADMSG: not a journal; -EPROTO: one of another version of rmcy; or what the reader gave. */
int rm_journal_read(int fd, const struct rm_journal_reader *reader, struct rm_journal_state *ret);
enum rm_journal_fate rm_journal_fate(const struct rm_journal_state *state);
