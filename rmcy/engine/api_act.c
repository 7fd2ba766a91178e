/* SPDX-License-Identifier: MIT
 *
 * Stopping and bringing back: RmShutdown and RmRestart of restartmanager.h, and
 * the functions of restartmanager_ext.h about it.
 */
#include "restartmanager_ext.h"

#include "abi.h"

#include <stdlib.h>

DWORD RmShutdown(DWORD dwSessionHandle, ULONG lActionFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    (void)dwSessionHandle, (void)lActionFlags, (void)fnStatus;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmRestart(DWORD dwSessionHandle, DWORD dwRestartFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    (void)dwSessionHandle, (void)dwRestartFlags, (void)fnStatus;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan)
{
    (void)handle, (void)flags, (void)timeout_ms, (void)ret_plan;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    (void)handle, (void)how, (void)timeout_ms, (void)ret;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    (void)handle, (void)progress, (void)context, (void)timeout_ms, (void)ret;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxLeaveStopped(DWORD handle)
{
    (void)handle;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern)
{
    (void)handle, (void)pattern;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeAccount(RMX_ACCOUNT *account)
{
    free(account);
}
