/* SPDX-License-Identifier: MIT
 *
 * What stopping and bringing back have in common: one long call of Windows', a
 * list afterwards, and the account.
 */
#pragma once

#include "session.h"

/* Is any of it there still?  now: the main process of a service, else zeros. */
bool rm_acting_is_up(const struct rm_item *item, RM_UNIQUE_PROCESS *now);
/* After a call of Windows', whatever came of that: NULL if there is none. */
RMX_LIST *rm_acting_look(struct rm_session *session);
/* What the list says of the item, as RM_APP_STATUS; 0: nothing. */
ULONG rm_acting_status(const RMX_LIST *list, const struct rm_item *item);
/* It was stopped, and is not back. */
bool rm_acting_is_down(const struct rm_item *item);
/* The account of the session's items that goes with `code`; ret may be NULL.  The code of the call. */
DWORD rm_acting_conclude(const struct rm_session *session, uint32_t phase, DWORD code, RMX_ACCOUNT **ret);
