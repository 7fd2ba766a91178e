/* SPDX-License-Identifier: MIT
 *
 * The functions of restartmanager.h, in its order; api_filter.c and api_act.c have
 * the others.
 */
#include "restartmanager_ext.h"

#include "abi.h"
#include "session.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

DWORD RmStartSession(DWORD *pSessionHandle, DWORD dwSessionFlags, WCHAR strSessionKey[])
{
    if (dwSessionFlags)
        return ERROR_BAD_ARGUMENTS;
    return RmxStartSession(pSessionHandle, 0, NULL, RMX_TIMEOUT_DEFAULT, strSessionKey);
}

DWORD RmJoinSession(DWORD *pSessionHandle, const WCHAR strSessionKey[])
{
    return RmxJoinSession(pSessionHandle, strSessionKey, 0, RMX_TIMEOUT_DEFAULT);
}

DWORD RmEndSession(DWORD dwSessionHandle)
{
    return RmxEndSession(dwSessionHandle, 0, RMX_TIMEOUT_DEFAULT);
}

DWORD RmRegisterResources(DWORD dwSessionHandle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                          RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[])
{
    return RmxRegisterResources(dwSessionHandle, nFiles, rgsFileNames, nApplications, rgApplications, nServices,
                                rgsServiceNames, 0, RMX_TIMEOUT_DEFAULT, NULL, NULL);
}

/* Ours: with ERROR_MORE_DATA the array and *pnProcInfo are untouched, the reboot reasons are those of the answer that
 * did not fit.  Whoever is registered and holds a registered file has one row. */
DWORD RmGetList(DWORD dwSessionHandle, UINT *pnProcInfoNeeded, UINT *pnProcInfo, RM_PROCESS_INFO rgAffectedApps[],
                DWORD *lpdwRebootReasons)
{
    RMX_LIST *list = NULL;
    DWORD code;

    if (!pnProcInfoNeeded || !pnProcInfo || !lpdwRebootReasons || (*pnProcInfo && !rgAffectedApps))
        return ERROR_BAD_ARGUMENTS;

    code = RmxGetList(dwSessionHandle, 0, RMX_TIMEOUT_DEFAULT, &list);
    if (code != ERROR_SUCCESS)
        goto out;
    *lpdwRebootReasons = list->reboot_reasons;
    *pnProcInfoNeeded = list->app_count;
    if (*pnProcInfo < list->app_count) {
        code = ERROR_MORE_DATA;
        goto out;
    }
    if (list->app_count)
        memcpy(rgAffectedApps, list->rows, list->app_count * sizeof *rgAffectedApps);
    *pnProcInfo = list->app_count;
out:
    RmxFreeList(list);
    return code;
}

/* Not a turn on the session: somebody else has it, and that is who shall stop.  Ours: with nothing to cancel this is a
 * success all the same. */
DWORD RmCancelCurrentTask(DWORD dwSessionHandle)
{
    return rm_status_from_errno(rm_session_cancel(dwSessionHandle));
}
