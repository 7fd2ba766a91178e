/* SPDX-License-Identifier: MIT
 *
 * Functions of restartmanager_ext.h that are not written yet.
 */
#include "restartmanager_ext.h"

#include <stdlib.h>

#define UNUSED(x) ((void)(x))

DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan)
{
    UNUSED(handle), UNUSED(flags), UNUSED(timeout_ms), UNUSED(ret_plan);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    UNUSED(handle), UNUSED(how), UNUSED(timeout_ms), UNUSED(ret);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    UNUSED(handle), UNUSED(progress), UNUSED(context), UNUSED(timeout_ms), UNUSED(ret);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxLeaveStopped(DWORD handle)
{
    UNUSED(handle);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeAccount(RMX_ACCOUNT *account)
{
    UNUSED(account);
}
