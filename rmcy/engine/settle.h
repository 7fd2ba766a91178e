/* SPDX-License-Identifier: MIT
 *
 * What has been started counts as back when it has run for a moment: a program
 * that cannot be loaded, or does not like what it finds, has ended by then.
 */
#pragma once

#include "restartmanager_ext.h"
#include "wait.h"

#include <stdbool.h>
#include <stdint.h>

/* That moment, in ns: a fifth of a second (ours).  Tests make it long or nothing. */
extern uint64_t rm_settle_time;

/* Watches processes together for that long, or until the last of them has ended; ended[i], false before: it has by
 * then, or there was none.  A deadline of the wait that comes before is no failure.  -ECANCELED, -EINTR, -ENOMEM; else
 * why one of them could not be pinned, and the others have been watched nevertheless. */
int rm_settle(const RM_UNIQUE_PROCESS processes[], bool ended[], uint32_t count, const struct rm_wait *wait);
