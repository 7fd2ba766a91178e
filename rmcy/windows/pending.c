/* SPDX-License-Identifier: MIT
 *
 * Functions of restartmanager_ext.h that are not written yet.
 */
#include "restartmanager_ext.h"

#define UNUSED(x) ((void)(x))

DWORD RmxStartSession(DWORD *ret_handle, DWORD flags, const char *label, ULONG timeout_ms, WCHAR ret_key[])
{
    UNUSED(ret_handle), UNUSED(flags), UNUSED(label), UNUSED(timeout_ms), UNUSED(ret_key);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxJoinSession(DWORD *ret_handle, const WCHAR key[], DWORD flags, ULONG timeout_ms)
{
    UNUSED(ret_handle), UNUSED(key), UNUSED(flags), UNUSED(timeout_ms);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxEndSession(DWORD handle, DWORD flags, ULONG timeout_ms)
{
    UNUSED(handle), UNUSED(flags), UNUSED(timeout_ms);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxGetSessions(DWORD flags, ULONG timeout_ms, RMX_SESSIONS **ret_sessions)
{
    UNUSED(flags), UNUSED(timeout_ms), UNUSED(ret_sessions);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeSessions(RMX_SESSIONS *sessions)
{
    UNUSED(sessions);
}

DWORD RmxGetLeftStopped(DWORD handle, UINT *ret_count)
{
    UNUSED(handle), UNUSED(ret_count);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxRegisterResources(DWORD handle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                           RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[],
                           DWORD flags, ULONG timeout_ms, BYTE *file_state, UINT *ret_bad)
{
    UNUSED(timeout_ms), UNUSED(handle), UNUSED(nFiles), UNUSED(rgsFileNames), UNUSED(nApplications), UNUSED(rgApplications);
    UNUSED(nServices), UNUSED(rgsServiceNames), UNUSED(flags), UNUSED(file_state), UNUSED(ret_bad);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxGetList(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_LIST **ret_list)
{
    UNUSED(handle), UNUSED(flags), UNUSED(timeout_ms), UNUSED(ret_list);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeList(RMX_LIST *list)
{
    UNUSED(list);
}

DWORD RmxGetProcess(DWORD pid, RM_UNIQUE_PROCESS *ret_process)
{
    UNUSED(pid), UNUSED(ret_process);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

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

DWORD RmxRecover(DWORD flags, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    UNUSED(flags), UNUSED(progress), UNUSED(context), UNUSED(timeout_ms), UNUSED(ret);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern)
{
    UNUSED(handle), UNUSED(pattern);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxRegisterApplicationRestart(const RMX_RELAUNCH *how)
{
    UNUSED(how);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

void RmxFreeAccount(RMX_ACCOUNT *account)
{
    UNUSED(account);
}
