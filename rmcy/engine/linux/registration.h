/* SPDX-License-Identifier: MIT
 *
 * What a program registered about its coming back, as it is kept in its own
 * user's store:
 *
 *     STORE/relaunch/PID-START-NAMESPACE          one process
 *     STORE/relaunch/PID-START-NAMESPACE.RANDOM   the same while it is written
 *
 * It is about one execution: a process that executes another program, or the
 * same one again, is another program's, and that has registered nothing.
 */
#pragma once

#include "identity.h"
#include "owner.h"

#include <stdbool.h>
#include <stddef.h>

#define RM_REGISTRATIONS "relaunch"
#define RM_REGISTRATION_NAME_SIZE 64

/* One execution of one process. */
struct rm_run {
    struct rm_owner process;
    uint64_t stack;         /* as in rm_stat: elsewhere after each execution */
    struct rm_identity exe; /* where addresses are not random, the stack is where it was */
};

/* Of the calling process. */
int rm_run_self(struct rm_run *ret);

/* STORE/relaunch of the caller's own store; makes it where it is missing. */
int rm_registration_directory(int store, bool make);

/* directory: that.  Replaces what was there, whole or not at all. */
int rm_registration_write(int directory, const struct rm_run *run, const void *wish, size_t size);
void rm_registration_remove(int directory, const struct rm_owner *process);
/* Removes what processes have left that ended, if not all of it at once. */
void rm_registration_sweep(int directory, const struct rm_owner *self);

struct rm_wish;
/* -ENOENT: there is none of that execution, or none that could be trusted. */
int rm_registration_read(int directory, uint32_t uid, const struct rm_run *run, struct rm_wish **ret);
