/* SPDX-License-Identifier: MIT */
#include "stand_in.h"

#include "check.h"

#include <wchar.h>

struct stand_in stand_in;

void stand_in_renew(void)
{
    free((void *)stand_in.files);
    stand_in = (struct stand_in){.at_once = UINT32_MAX, .file_space = 100000};
    stand_in.files = malloc(stand_in.file_space * sizeof *stand_in.files);
    CHECK(stand_in.files);
}

/* ---- sessions ---- */

DWORD WINAPI RmStartSession(DWORD *pSessionHandle, DWORD dwSessionFlags, WCHAR strSessionKey[])
{
    CHECK_EQUAL(dwSessionFlags, 0);
    for (int i = 0; i < 33; i++)
        CHECK_EQUAL(strSessionKey[i], 0); /* whoever leaves something there reads it as part of the key */
    for (int i = 0; i < 32; i++)
        strSessionKey[i] = L'a';
    *pSessionHandle = stand_in.handle;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmJoinSession(DWORD *pSessionHandle, const WCHAR strSessionKey[])
{
    CHECK(strSessionKey[0]);
    *pSessionHandle = stand_in.handle;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmEndSession(DWORD dwSessionHandle)
{
    return dwSessionHandle == stand_in.handle ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

/* ---- registering ---- */

DWORD WINAPI RmRegisterResources(DWORD dwSessionHandle, UINT nFiles, LPCWSTR rgsFileNames[], UINT nApplications,
                                 RM_UNIQUE_PROCESS rgApplications[], UINT nServices, LPCWSTR rgsServiceNames[])
{
    (void)rgApplications, (void)rgsServiceNames;
    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    stand_in.calls++;
    if (nFiles > stand_in.at_once)
        return ERROR_WRITE_FAULT;
    for (UINT i = 0; i < nFiles; i++) {
        CHECK(rgsFileNames[i]);
        if (stand_in.refused && !wcscmp(rgsFileNames[i], stand_in.refused))
            return ERROR_WRITE_FAULT;
    }
    for (UINT i = 0; i < nFiles; i++) {
        CHECK(stand_in.file_count < stand_in.file_space);
        stand_in.files[stand_in.file_count++] = rgsFileNames[i];
    }
    stand_in.processes += nApplications;
    stand_in.services += nServices;
    return ERROR_SUCCESS;
}

/* ---- tasks ---- */

static DWORD wait_for_cancellation(void)
{
    ResetEvent(stand_in.cancelled); /* that was another task */
    SetEvent(stand_in.under_way);
    WaitForSingleObject(stand_in.cancelled, INFINITE);
    return ERROR_CANCELLED;
}

DWORD WINAPI RmGetList(DWORD dwSessionHandle, UINT *pnProcInfoNeeded, UINT *pnProcInfo,
                       RM_PROCESS_INFO rgAffectedApps[], LPDWORD lpdwRebootReasons)
{
    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    stand_in.asked++;
    if (stand_in.list_waits)
        return wait_for_cancellation();
    if (stand_in.list_code != ERROR_SUCCESS)
        return stand_in.list_code;
    if (stand_in.growth) { /* as many as do not fit any more */
        stand_in.growth--;
        *pnProcInfoNeeded = *pnProcInfo + 1;
        return ERROR_MORE_DATA;
    }
    *pnProcInfoNeeded = stand_in.row_count;
    *lpdwRebootReasons = stand_in.reasons;
    if (*pnProcInfo < stand_in.row_count)
        return ERROR_MORE_DATA;
    for (UINT i = 0; i < stand_in.row_count; i++)
        rgAffectedApps[i] = stand_in.rows[i];
    *pnProcInfo = stand_in.row_count;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmShutdown(DWORD dwSessionHandle, ULONG lActionFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    (void)dwSessionHandle;
    stand_in.shutdown_flags = lActionFlags;
    if (stand_in.shutdown)
        stand_in.shutdown(fnStatus);
    return stand_in.shutdown_waits ? wait_for_cancellation() : stand_in.shutdown_code;
}

DWORD WINAPI RmRestart(DWORD dwSessionHandle, DWORD dwRestartFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    CHECK_EQUAL(dwRestartFlags, 0);
    stand_in.restarts++;
    if (stand_in.restart)
        stand_in.restart(fnStatus);
    return stand_in.restart_code;
}

DWORD WINAPI RmCancelCurrentTask(DWORD dwSessionHandle)
{
    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    if (stand_in.cancelled)
        SetEvent(stand_in.cancelled);
    return ERROR_SUCCESS;
}

/* ---- filters ---- */

static struct stand_in_filter *find(const RM_UNIQUE_PROCESS *process, const WCHAR *service)
{
    for (UINT i = 0; i < stand_in.filter_count; i++) {
        struct stand_in_filter *filter = &stand_in.filters[i];

        if (service ? !wcscmp(filter->service, service)
                    : !filter->service[0] && !memcmp(&filter->process, process, sizeof *process))
            return filter;
    }
    return NULL;
}

RM_FILTER_ACTION stand_in_filter(const RM_UNIQUE_PROCESS *process, const WCHAR *service)
{
    const struct stand_in_filter *filter = find(process, service);

    return filter ? filter->action : RmInvalidFilterAction;
}

DWORD WINAPI RmAddFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                         LPCWSTR strServiceShortName, RM_FILTER_ACTION FilterAction)
{
    struct stand_in_filter *filter = find(pProcess, strServiceShortName);

    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    CHECK(!strModuleName);
    if (!filter) {
        CHECK(stand_in.filter_count < 8);
        filter = &stand_in.filters[stand_in.filter_count++];
        *filter = (struct stand_in_filter){0};
    }
    if (pProcess)
        filter->process = *pProcess;
    else
        wcscpy(filter->service, strServiceShortName);
    filter->action = FilterAction;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmRemoveFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                            LPCWSTR strServiceShortName)
{
    struct stand_in_filter *filter = find(pProcess, strServiceShortName);

    (void)strModuleName;
    CHECK_EQUAL(dwSessionHandle, stand_in.handle);
    if (!filter)
        return ERROR_FILE_NOT_FOUND;
    *filter = stand_in.filters[--stand_in.filter_count];
    return ERROR_SUCCESS;
}

/* A name lies behind its record. */
struct packed {
    RM_FILTER_INFO info;
    WCHAR service[CCH_RM_MAX_SVC_NAME + 1];
};

static void pack(const struct stand_in_filter *filter, bool last, struct packed *to)
{
    *to = (struct packed){.info = {.FilterAction = filter->action, .cbNextOffset = last ? 0 : (DWORD)sizeof *to}};
    if (filter->service[0]) {
        to->info.FilterTrigger = RmFilterTriggerService;
        to->info.strServiceShortName = wcscpy(to->service, filter->service);
    } else {
        to->info.FilterTrigger = RmFilterTriggerProcess;
        to->info.Process = filter->process;
    }
}

DWORD WINAPI RmGetFilterList(DWORD dwSessionHandle, PBYTE pbFilterBuf, DWORD cbFilterBuf, LPDWORD cbFilterBufNeeded)
{
    struct packed *to = (struct packed *)(void *)pbFilterBuf;
    UINT count = stand_in.filter_count;

    if (dwSessionHandle != stand_in.handle)
        return ERROR_INVALID_HANDLE;
    *cbFilterBufNeeded = (DWORD)(count * sizeof *to);
    if (cbFilterBuf < *cbFilterBufNeeded)
        return ERROR_MORE_DATA;
    for (UINT i = 0; i < count; i++)
        pack(&stand_in.filters[i], i + 1 == count, &to[i]);
    if (count && stand_in.filters_spoilt)
        stand_in.filters_spoilt(&to[0].info, cbFilterBufNeeded);
    return ERROR_SUCCESS;
}
