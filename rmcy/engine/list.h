/* SPDX-License-Identifier: MIT
 *
 * One answer to "who uses what is registered in this session": fetch what
 * secondaries registered, look again at files that were missing, scan.
 */
#pragma once

#include "session.h"
#include "wait.h"

#include "restartmanager_ext.h"

struct rm_pin;

/* How long one may take where a caller says nothing: no process and no file server that is stuck holds it up longer. */
#define RM_LIST_TIME UINT64_C(60000000000)

/* Beside the flags of RmxGetList: tell what shutdowns did, too. */
#define RM_LIST_HISTORY 0x10000u

/* Within a turn on a primary session.  -EISDIR: a directory is registered, and *ret_list names it; 0 otherwise.
 *
 * ret_pins: NULL, or where to put a pin of each row, NULL for a service without a process: list->app_count of them, for
 * rm_host_pins_free.  They come whenever the list does.  -EMFILE: more programs than this process may have descriptors;
 * -ENOSYS: this system or sandbox cannot pin. */
int rm_list_get(struct rm_session *session, DWORD flags, const struct rm_wait *wait, RMX_LIST **ret_list,
                struct rm_pin ***ret_pins);
