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

/* The calling process registers, as checked by the caller; how == NULL takes it back.  -EKEYREJECTED: it has more than
 * one user or group at once; -EINVAL: names too long; else an error of the store. */
int rm_host_relaunch_register(const RMX_RELAUNCH *how);

/* One program's wish, with the user, group and groups that it has: a string of bytes that the journal keeps.
 * malloc'ed.  -ENOENT: it registered nothing (or not for patches), or what is there cannot be trusted. */
int rm_host_relaunch_read(const struct rm_pin *pin, void **ret, size_t *ret_size);

/* Starts it as that user, as a transient unit where systemd is; unit: the name that such a unit gets, which makes it
 * impossible to start it twice: -EEXIST, and *ret is the one that runs (zeros: it has no process now).  0: it runs, and
 * did so for a moment (settle.h).
 *
 * -ETIMEDOUT: it may be started yet, under that name; -EACCES: another user's, and the caller is not root; -ECHILD: it
 * ended at once, or systemd could not execute it; -EHOSTUNREACH: systemd does not answer; -EPROTO: it refuses; -EBADMSG:
 * no wish; else why it could not be executed (-ENOENT, ...). */
int rm_host_relaunch_start(const void *wish, size_t size, const char *unit, const struct rm_wait *wait,
                           RM_UNIQUE_PROCESS *ret);
