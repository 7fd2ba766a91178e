/* SPDX-License-Identifier: MIT
 *
 * Starting a program as a transient unit of systemd.
 */
#pragma once

#include "restartmanager_ext.h"
#include "wait.h"
#include "wish.h"

#include <stdbool.h>

/* Has that user a service manager of his own now? */
bool rm_transient_has_manager(uint32_t uid);

/* manager_uid: whose manager starts it, the user's own or the system's (RMX_NO_UID), as that user.  -EEXIST: a unit of
 * that name is there, and *ret is its main process (zeros: none).  -ECHILD: it could not be executed, or ended.
 * -EHOSTUNREACH: the manager does not answer; -EPROTO: it refuses; -EACCES. */
int rm_transient_start(const struct rm_wish *wish, const char *unit, uint32_t manager_uid, const struct rm_wait *wait,
                       RM_UNIQUE_PROCESS *ret);
