/* SPDX-License-Identifier: MIT
 *
 * A secondary's log: one file, one writer, records one after another, each
 * behind a frame (frame.h).  Whoever appends cuts off what is behind the last
 * whole record; a log that is shorter than it was takes nothing more.
 */
#pragma once

#include <windows.h>

#include <stddef.h>
#include <stdint.h>

/* Appends one record, whole or not at all, behind *good bytes of whole ones.  -EIO: the log is shorter than that. */
int rm_log_append(HANDLE file, uint64_t *good, const void *data, size_t size);

/* Hands on every whole record from *offset and moves *offset behind it.  Stops without an error at the first that is
 * not whole (its writer may be at it right now), with that error when `record` fails. */
int rm_log_read(HANDLE file, uint64_t *offset, int (*record)(void *context, const void *data, size_t size),
                void *context);
