/* SPDX-License-Identifier: MIT
 *
 * One answer to "who uses what is registered in this session": fetch what
 * secondaries registered, look again at files that were missing, scan.
 */
#pragma once

#include "session.h"
#include "wait.h"

#include "restartmanager_ext.h"

/* Within a turn on a primary session.  -EISDIR: a directory is registered, and *ret_list names it; 0 otherwise. */
int rm_list_get(struct rm_session *session, DWORD flags, const struct rm_wait *wait, RMX_LIST **ret_list);
