/* SPDX-License-Identifier: MIT
 *
 * An answer while it is being built.  The host's scanner adds programs, their
 * uses and what it had to skip; rm_answer_finish turns the whole into the one
 * block that a caller gets (RMX_LIST).
 */
#pragma once

#include "resource.h"
#include "restartmanager_ext.h"

struct rm_answer;

/* One affected program.  Strings are copied; name and service become UTF-16, cut to what the header holds. */
struct rm_program {
    RM_UNIQUE_PROCESS process;
    const char *name;        /* what a person calls it */
    const char *exe;         /* or NULL */
    struct rm_identity exe_identity; /* of the file that runs, which may have lost that name */
    const char *unit;        /* whole unit name, or NULL */
    uint32_t uid;            /* or RMX_NO_UID */
    uint32_t manager_uid;    /* or RMX_NO_UID: the system's manager */
    RM_APP_TYPE type;
    ULONG status;            /* RM_APP_STATUS */
    DWORD ts_session;        /* or RM_INVALID_TS_SESSION */
    BOOL restartable;
    uint32_t cause;          /* RMX_CAUSE_NONE, or why it may not be stopped: _CRITICAL, _SELF, _PERMISSION */
};

int rm_answer_new(struct rm_answer **ret);
void rm_answer_free(struct rm_answer *a);

struct rm_filters;
/* Programs that are added from here on get these filters' masks.  Kept by reference. */
void rm_answer_set_filters(struct rm_answer *a, const struct rm_filters *filters);

struct rm_ledger;
/* The same for what became of them before. */
void rm_answer_set_history(struct rm_answer *a, struct rm_ledger *history);

int rm_answer_add_program(struct rm_answer *a, const struct rm_program *program);
/* A use by the program that was added last.  A use that it has already (same file and kind) is folded. */
int rm_answer_add_use(struct rm_answer *a, uint32_t file, uint8_t kind, bool deleted, uint64_t device, uint64_t inode);
/* Of the program that was added last, which has none yet; it goes where the program's row goes. */
struct rm_pin;
int rm_answer_add_pin_take(struct rm_answer *a, struct rm_pin *pin);
/* pid 0: not about one process, and counted only for RMX_SKIP_FILE.  Makes the answer incomplete. */
int rm_answer_add_skip(struct rm_answer *a, uint32_t cause, uint32_t pid);
/* A registered name, of no file, that nothing has. */
int rm_answer_add_missing(struct rm_answer *a, const char *name);
void rm_answer_add_reason(struct rm_answer *a, uint32_t reboot_reason);

struct rm_answer_counts {
    uint64_t processes, descriptors, maps, retries;
};
struct rm_answer_counts *rm_answer_counts(struct rm_answer *a);

/* Takes the answer, also when it fails.  `scanner` is kept by reference.  Rows are ordered as a shutdown would
 * take them (console programs, services, the rest), then by pid.  RMX_LIST.files holds only the names that are
 * spoken of.  free() frees the result: it is one block. */
int rm_answer_finish_take(struct rm_answer *a, const struct rm_resources *r, uint64_t nanoseconds,
                          const char *scanner, RMX_LIST **ret);
/* The same, and each row's pin, or NULL where it has none: malloc'ed, for rm_host_pins_free. */
int rm_answer_finish_pinned_take(struct rm_answer *a, const struct rm_resources *r, uint64_t nanoseconds,
                                 const char *scanner, RMX_LIST **ret, struct rm_pin ***ret_pins);
