/* SPDX-License-Identifier: MIT
 *
 * What a journal says, entry by entry: that something is about to be stopped,
 * and that it is back.  Folded in their order, a journal's entries are what is
 * stopped and not back.  The same list, kept in memory by the session itself,
 * is what it brings back; so a recovery and a restart do the same.
 *
 * Layout, in the machine's byte order (a store never leaves its machine): a
 * header, then the texts and the wish, each at a multiple of 8.
 */
#pragma once

#include "restartmanager_ext.h"
#include "unitset.h"

#include <stddef.h>
#include <stdint.h>

enum rm_entry_kind {
    RM_ENTRY_STOP = 1, /* is about to be stopped */
    RM_ENTRY_BACK = 2  /* is back, or nobody will bring it back: only its identity counts */
};

/* One item.  Its identity is the unit (name and manager) where there is one, else the process. */
struct rm_entry {
    enum rm_entry_kind kind;
    uint32_t order;            /* its place in the order of stopping, within one shutdown; for people only */
    enum rm_unit_part part;    /* of a unit; RM_UNIT_AFFECTED for a process */
    uint32_t back;             /* RMX_BACK_* */
    uint32_t type;             /* RM_APP_TYPE */
    uint32_t uid;              /* or RMX_NO_UID */
    uint32_t manager_uid;      /* or RMX_NO_UID: the system's */
    RM_UNIQUE_PROCESS process; /* of a service its main process; zeros: none */
    const char *unit;          /* whole name, or NULL: a process */
    const char *because;       /* of a unit that goes down with another, or triggers it: that one; or NULL */
    const char *name;          /* what a person calls it; may be NULL */
    const char *exe;           /* may be NULL */
    const void *wish;          /* of relaunch.h, or NULL */
    size_t wish_size;
    void *block;               /* of an entry in a struct rm_stopped: where its texts are */
};

/* As bytes for rm_host_journal_write; free() frees them.  -ENOMEM, -EINVAL: it has no identity, -E2BIG. */
int rm_entry_encode(const struct rm_entry *entry, void **ret, size_t *ret_size);
/* The result points into `data`, which has to be aligned to 8.  -EBADMSG: not an entry (the bytes may come from
 * anywhere). */
int rm_entry_decode(const void *data, size_t size, struct rm_entry *ret);
bool rm_entry_is_same(const struct rm_entry *a, const struct rm_entry *b);

/* The transient unit in which that process is started again: the same whoever does it, a restart or a recovery, and so
 * never there twice. */
#define RM_RELAUNCH_UNIT_SIZE 48
void rm_entry_relaunch_unit(const RM_UNIQUE_PROCESS *process, char ret[RM_RELAUNCH_UNIT_SIZE]);
/* The name under which a unit is claimed (rm_host_journal_claim): tells whose manager it is.  -ENAMETOOLONG. */
#define RM_CLAIM_SIZE 280
int rm_entry_claim(const char *unit, uint32_t manager_uid, char ret[RM_CLAIM_SIZE]);

/* ---- what is stopped and not back, in the order of stopping ---- */

struct rm_stopped {
    struct rm_entry *entries; /* all of them RM_ENTRY_STOP */
    uint32_t count, capacity;
};

/* Folds one entry in; copies it.  A STOP of what is stopped already replaces it, at its new place (a BACK may be
 * missing where a journal could not be written any more). */
int rm_stopped_fold(struct rm_stopped *stopped, const struct rm_entry *entry);
/* The same for bytes, as rm_host_journal_read hands them out; what is not an entry is passed over (it has been left
 * by another version, and whoever wrote it is gone).  context: a struct rm_stopped. */
int rm_stopped_fold_bytes(void *context, const void *data, size_t size);
void rm_stopped_done(struct rm_stopped *stopped);
