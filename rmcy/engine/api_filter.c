/* SPDX-License-Identifier: MIT
 *
 * The three filter functions of restartmanager.h.
 */
#include "filter.h"
#include "host.h"
#include "restartmanager_ext.h"
#include "session.h"
#include "status.h"
#include "text.h"

#include <errno.h>
#include <string.h>

#define LOOKUP_TIME UINT64_C(60000000000) /* ours: as long as a registration may take by default */

/* What a filter is about, from the header's three selectors of which exactly one is given.  `name` holds what the
 * target points to. */
static int target_of(LPCWSTR module, const RM_UNIQUE_PROCESS *process, LPCWSTR service, char name[RM_PATH_LIMIT + 1],
                     struct rm_filter *ret)
{
    struct rm_filter target = {.name = name, .module = {.flags = RM_ID_MISSING}};
    LPCWSTR text = module ? module : service;
    long size;

    if (!!module + !!process + !!service != 1)
        return -EINVAL;
    if (process) {
        target.trigger = RmFilterTriggerProcess;
        target.process = *process;
        target.name = NULL;
        *ret = target;
        return 0;
    }
    size = rm_text_to_bytes(text, name, RM_PATH_LIMIT);
    if (size <= 0)
        return size ? (int)size : -EINVAL;
    name[size] = 0;
    target.trigger = module ? RmFilterTriggerFile : RmFilterTriggerService;
    /* Ours: a module is named by its full path, as the page says; what that is, is the host's to say. */
    if (module && !rm_host_is_absolute(name))
        return -EINVAL;
    *ret = target;
    return 0;
}

static int enter(DWORD handle, struct rm_session **ret)
{
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};

    return rm_session_enter_primary(handle, &wait, ret);
}

static int identify(const char *name, struct rm_identity *ret)
{
    struct rm_wait wait = {.deadline = rm_host_now() + LOOKUP_TIME, .cancel_fd = -1};
    struct rm_names names = {0};
    uint32_t at;
    int e = rm_names_add(&names, name);

    if (e >= 0)
        e = rm_host_identify_all(&names, false, &wait, &at);
    if (e >= 0)
        *ret = names.ids[0];
    rm_names_done(&names);
    return e;
}

DWORD RmAddFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                  LPCWSTR strServiceShortName, RM_FILTER_ACTION FilterAction)
{
    char name[RM_PATH_LIMIT + 1];
    struct rm_filter filter;
    struct rm_session *session;
    int e = target_of(strModuleName, pProcess, strServiceShortName, name, &filter);

    if (e < 0 || (FilterAction != RmNoRestart && FilterAction != RmNoShutdown))
        return ERROR_BAD_ARGUMENTS;
    filter.action = FilterAction;
    if (strModuleName)
        e = identify(name, &filter.module);
    if (e >= 0)
        e = enter(dwSessionHandle, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_filters_set(&session->filters, &filter);
    rm_session_leave(session);
    return rm_status_from_errno(e);
}

DWORD RmRemoveFilter(DWORD dwSessionHandle, LPCWSTR strModuleName, RM_UNIQUE_PROCESS *pProcess,
                     LPCWSTR strServiceShortName)
{
    char name[RM_PATH_LIMIT + 1];
    struct rm_filter target;
    struct rm_session *session;
    int e = target_of(strModuleName, pProcess, strServiceShortName, name, &target);

    if (e < 0)
        return ERROR_BAD_ARGUMENTS; /* ours: the page has no code for it */
    e = enter(dwSessionHandle, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_filters_remove(&session->filters, &target);
    rm_session_leave(session);
    return rm_status_from_errno(e);
}

/* The page gives "more data" also for a caller that leaves out cbFilterBufNeeded. */
DWORD RmGetFilterList(DWORD dwSessionHandle, PBYTE pbFilterBuf, DWORD cbFilterBuf, DWORD *cbFilterBufNeeded)
{
    struct rm_session *session;
    size_t size;
    int e;

    if (cbFilterBuf && !pbFilterBuf)
        return ERROR_BAD_ARGUMENTS;
    e = enter(dwSessionHandle, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    size = rm_filters_packed_size(&session->filters);
    if (size <= cbFilterBuf && cbFilterBufNeeded && size)
        rm_filters_pack(&session->filters, pbFilterBuf);
    rm_session_leave(session);

    if (size > UINT32_MAX)
        return ERROR_OUTOFMEMORY;
    if (!cbFilterBufNeeded)
        return ERROR_MORE_DATA;
    *cbFilterBufNeeded = (DWORD)size;
    return size <= cbFilterBuf ? ERROR_SUCCESS : ERROR_MORE_DATA;
}
