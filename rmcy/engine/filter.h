/* SPDX-License-Identifier: MIT
 *
 * A session's filters: programs that a shutdown shall leave running, or a
 * restart shall leave stopped.  They live in the primary's memory alone.  A
 * filtered program is still listed, with the mask's bit in its status.
 *
 * Ours, where no source says what Windows does: a module filter means the file
 * that has this path now, under whatever name it runs, and whatever runs from
 * this path; of several filters for one program the most specific counts
 * (process, then service, then module); a filter may come before what it is for
 * is there or registered, and after a stop.
 */
#pragma once

#include "answer.h"
#include "identity.h"
#include "restartmanager.h"

#include <stdbool.h>
#include <stddef.h>

struct rm_filter {
    RM_FILTER_TRIGGER trigger;
    RM_FILTER_ACTION action;
    const char *name;          /* of the module or the service */
    struct rm_identity module; /* RM_ID_MISSING where nothing has that path */
    RM_UNIQUE_PROCESS process;
};

struct rm_filters {
    struct rm_filter *items; /* own their names */
    size_t count, capacity;
};

void rm_filters_done(struct rm_filters *filters);

/* Adds a filter, or replaces the one for the same target.  The name is copied. */
int rm_filters_set(struct rm_filters *filters, const struct rm_filter *filter);
/* By trigger and target.  -ENOENT: there is none. */
int rm_filters_remove(struct rm_filters *filters, const struct rm_filter *target);

/* Does it run from that path, or is it the file that had that path, under whatever name it runs? */
bool rm_program_runs(const struct rm_program *program, const char *path, const struct rm_identity *module);

/* The mask that a program gets: RmStatusShutdownMasked, RmStatusRestartMasked or 0. */
ULONG rm_filters_status(const struct rm_filters *filters, const struct rm_program *program);

/* The list in the header's form: RM_FILTER_INFO after RM_FILTER_INFO, each followed by its name, which it points to.
 * cbNextOffset counts from the record that holds it; it is 0 in the last. */
size_t rm_filters_packed_size(const struct rm_filters *filters);
void rm_filters_pack(const struct rm_filters *filters, void *to);
