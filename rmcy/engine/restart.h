/* SPDX-License-Identifier: MIT
 *
 * RmRestart: what the session's shutdowns have stopped comes back, each once.
 *
 * Ours, where no source says what Windows does: a program that nobody knows how
 * to start stays closed, and that is no failure of the restart; after a restart
 * that brought everything back, another one has nothing to do.
 */
#pragma once

#include "outcome.h"
#include "restartmanager_ext.h"
#include "session.h"
#include "wait.h"

/* Within a turn on a primary session.  -ECANCELED, -ETIMEDOUT: what is not back stays pending, for another call. */
int rm_restart(struct rm_session *session, RMX_PROGRESS progress, void *context, const struct rm_wait *wait,
               enum rm_outcome *ret);
