/* SPDX-License-Identifier: MIT
 *
 * RmxRecover of restartmanager_ext.h.
 */
#include "restartmanager_ext.h"

#include "call.h"
#include "recover.h"
#include "status.h"

#include <stdlib.h>

DWORD RmxRecover(DWORD flags, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    struct rm_wait wait = rm_call_wait(0, timeout_ms, RMX_TIMEOUT_NONE);
    enum rm_outcome outcome = RM_ALL_DONE;
    RMX_ACCOUNT *account = NULL;
    int e;

    if (ret)
        *ret = NULL;
    if (!RM_KNOWN_FLAGS(flags, RMX_RECOVER_FORGET))
        return ERROR_BAD_ARGUMENTS;
    e = rm_recover(flags & RMX_RECOVER_FORGET, progress, context, &wait, &outcome, &account);
    if (ret)
        *ret = account;
    else
        RmxFreeAccount(account);
    return e < 0 ? rm_status_from_errno(e) : rm_status_from_outcome(outcome);
}
