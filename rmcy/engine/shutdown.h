/* SPDX-License-Identifier: MIT
 *
 * RmShutdown: a fresh list becomes a plan, and the plan is carried out.
 *
 * Ours, where no source says what Windows does: programs are stopped together,
 * then services together; without force, too, each has the time that the header
 * gives a forced one (30 s, 20 s); a program that came up meanwhile and holds a
 * registered file is reported, not stopped, and counts as one that could not be
 * stopped.
 */
#pragma once

#include "outcome.h"
#include "restartmanager_ext.h"
#include "session.h"
#include "wait.h"

/* Within a turn on a primary session.  What a list can fail with, and -EISDIR, -ECANCELED, -ETIMEDOUT, -EIO (the
 * journal); the session's ledger says in any case what has been done. */
int rm_shutdown(struct rm_session *session, const RMX_SHUTDOWN *how, const struct rm_wait *wait,
                enum rm_outcome *ret);
