/* SPDX-License-Identifier: MIT
 *
 * The list as RmxGetList answers it.
 */
#pragma once

#include "session.h"

/* Within a turn.  ERROR_ACCESS_DENIED: as with RmxGetList there may be a list. */
DWORD rm_list_get(struct rm_session *session, DWORD flags, const struct rm_deadline *deadline, RMX_LIST **ret);
