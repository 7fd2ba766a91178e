/* SPDX-License-Identifier: MIT
 *
 * A word from the service manager when a service has come to a state.
 *
 * It is spoken in the thread that asked for it, while that waits so that it can
 * be spoken to (rm_notices_wait).
 */
#pragma once

#include "wait.h"

#include <stdbool.h>
#include <windows.h>

struct rm_notice;

/* Once, when the service is or comes to one of `states` (SERVICE_NOTIFY_*).  For a handle that has no other. */
int rm_notice_new(SC_HANDLE service, DWORD states, struct rm_notice **ret);
bool rm_notice_is_spoken(const struct rm_notice *notice);
/* Whatever comes later is not heard.  The handle is to be closed next. */
void rm_notice_free(struct rm_notice *notice);

/* Until a word came, or one of `count` objects is signalled: 0, -ETIMEDOUT, -ECANCELED.  handles has room for one more;
 * count is at most RM_HANDLES_MAX. */
int rm_notices_wait(const struct rm_wait *wait, HANDLE handles[], DWORD count);
