/* SPDX-License-Identifier: MIT
 *
 * RmxRecover of restartmanager_ext.h.
 */
#include "restartmanager_ext.h"

DWORD RmxRecover(RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    (void)progress, (void)context, (void)timeout_ms, (void)ret;
    return ERROR_CALL_NOT_IMPLEMENTED;
}
