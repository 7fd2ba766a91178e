/* SPDX-License-Identifier: MIT
 *
 * RmxRecover of restartmanager_ext.h.
 */
#include "restartmanager_ext.h"

#include "host.h"
#include "recover.h"
#include "status.h"

#include <stdlib.h>

DWORD RmxRecover(RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    RMX_ACCOUNT *account = NULL;
    bool all = false;
    int e;

    if (timeout_ms < RMX_TIMEOUT_DEFAULT)
        wait.deadline = rm_host_now() + (uint64_t)timeout_ms * 1000000u;
    e = rm_recover(progress, context, &wait, &all, &account);
    if (ret)
        *ret = account;
    else
        free(account);
    if (e < 0)
        return rm_status_from_errno(e);
    return all ? ERROR_SUCCESS : ERROR_FAIL_RESTART;
}
