/* SPDX-License-Identifier: MIT
 *
 * The library for systems that have no Restart Manager and for which rmcy
 * brings none.  Every function is there, so programs link and types can be
 * used; every call says that it is not implemented.
 */
#include "restartmanager_ext.h"

#include <stddef.h>

#define UNUSED(x) ((void)(x))

DWORD RmStartSession(DWORD *pSessionHandle, DWORD dwSessionFlags, WCHAR strSessionKey[])
{
    UNUSED(pSessionHandle), UNUSED(dwSessionFlags), UNUSED(strSessionKey);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmJoinSession(DWORD *pSessionHandle, const WCHAR strSessionKey[])
{
    UNUSED(pSessionHandle), UNUSED(strSessionKey);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmEndSession(DWORD dwSessionHandle)
{
    UNUSED(dwSessionHandle);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmRegisterResources(DWORD dwSessionHandle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                          RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[])
{
    UNUSED(dwSessionHandle), UNUSED(nFiles), UNUSED(rgsFileNames), UNUSED(nApplications);
    UNUSED(rgApplications), UNUSED(nServices), UNUSED(rgsServiceNames);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmGetList(DWORD dwSessionHandle, UINT *pnProcInfoNeeded, UINT *pnProcInfo, RM_PROCESS_INFO rgAffectedApps[],
                DWORD *lpdwRebootReasons)
{
    UNUSED(dwSessionHandle), UNUSED(pnProcInfoNeeded), UNUSED(pnProcInfo), UNUSED(rgAffectedApps);
    UNUSED(lpdwRebootReasons);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmShutdown(DWORD dwSessionHandle, ULONG lActionFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    UNUSED(dwSessionHandle), UNUSED(lActionFlags), UNUSED(fnStatus);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmRestart(DWORD dwSessionHandle, DWORD dwRestartFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    UNUSED(dwSessionHandle), UNUSED(dwRestartFlags), UNUSED(fnStatus);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmCancelCurrentTask(DWORD dwSessionHandle)
{
    UNUSED(dwSessionHandle);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmAddFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                  LPCWSTR strServiceShortName, RM_FILTER_ACTION FilterAction)
{
    UNUSED(dwSessionHandle), UNUSED(strModuleName), UNUSED(pProcess), UNUSED(strServiceShortName);
    UNUSED(FilterAction);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmRemoveFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                     LPCWSTR strServiceShortName)
{
    UNUSED(dwSessionHandle), UNUSED(strModuleName), UNUSED(pProcess), UNUSED(strServiceShortName);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmGetFilterList(DWORD dwSessionHandle, PBYTE pbFilterBuf, DWORD cbFilterBuf, DWORD *cbFilterBufNeeded)
{
    UNUSED(dwSessionHandle), UNUSED(pbFilterBuf), UNUSED(cbFilterBuf), UNUSED(cbFilterBufNeeded);
    return ERROR_CALL_NOT_IMPLEMENTED;
}

DWORD RmxGetInfo(const RMX_INFO **ret_info)
{
    static const RMX_INFO info = {
        .size = sizeof info,
        .backend = "none",
        .version = "",
        .scanners = "",
        .scanner = "",
        .store = "",
    };

    *ret_info = &info;
    return ERROR_SUCCESS;
}

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
