/* SPDX-License-Identifier: MIT
 *
 * How a program wants to be started again: what it registered for itself, kept
 * in its own user's store, and read through the pin of the living process.
 */
#pragma once

#include "pin.h"
#include "restartmanager_ext.h"
#include "wait.h"

#include <stddef.h>
#include <stdint.h>

/* The calling process registers; how == NULL takes it back. */
int rm_host_relaunch_register(const RMX_RELAUNCH *how);

/* One program's wish, with the user that it ran as: a string of bytes that the journal keeps.  malloc'ed.
 * -ENOENT: it registered nothing (or not for patches). */
int rm_host_relaunch_read(const struct rm_pin *pin, void **ret, size_t *ret_size);

/* Starts it as that user, as a transient unit where systemd is; unit: the name that such a unit gets, which makes it
 * impossible to start it twice: -EEXIST, and *ret is the one that runs.  -ETIMEDOUT, -EACCES, -ECHILD (it ended at once),
 * -EBADMSG. */
int rm_host_relaunch_start(const void *wish, size_t size, const char *unit, const struct rm_wait *wait,
                           RM_UNIQUE_PROCESS *ret);
