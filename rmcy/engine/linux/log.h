/* SPDX-License-Identifier: MIT
 *
 * A secondary's log: one file, one writer, records one after another.  Each
 * record carries its length and a checksum that depends on where it stands, so
 * a record cut short by a kill or a full disk is never taken for one, nor are
 * remains of it.  Whoever appends first cuts such remains off; behind them an
 * acknowledged record would not be found.  Behind a hole neither: a log that
 * has been cut from outside takes nothing more.
 */
#pragma once

#include "frame.h"

#include <stddef.h>
#include <stdint.h>

/* The state of one log in its only writer. */
struct rm_log {
    uint64_t good; /* bytes that are whole records */
};

/* Appends one record, whole or not at all.  -EIO: the log is shorter than it was. */
int rm_log_append(int fd, struct rm_log *log, const void *data, size_t size);

/* Hands on every whole record from *offset and moves *offset behind it.  Stops without an error at the first that is
 * not whole (its writer may be at it right now), with that error when `record` fails. */
int rm_log_read(int fd, uint64_t *offset, int (*record)(void *context, const void *data, size_t size), void *context);
