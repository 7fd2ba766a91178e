/* SPDX-License-Identifier: MIT
 *
 * What has no counterpart on Windows: it does not tell of other sessions, has
 * no journal of what the dead left stopped, and knows itself what is critical.
 */
#include "restartmanager_ext.h"

DWORD RmxGetSessions(DWORD flags, ULONG timeout_ms, RMX_SESSIONS **ret_sessions)
{
    (void)flags, (void)timeout_ms;
    if (ret_sessions)
        *ret_sessions = NULL;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeSessions(RMX_SESSIONS *sessions)
{
    (void)sessions;
}

DWORD RmxRecover(DWORD flags, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    (void)flags, (void)progress, (void)context, (void)timeout_ms;
    if (ret)
        *ret = NULL;
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern)
{
    (void)handle, (void)pattern;
    return ERROR_CALL_NOT_IMPLEMENTED;
}
