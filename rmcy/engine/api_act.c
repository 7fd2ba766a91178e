/* SPDX-License-Identifier: MIT
 *
 * Stopping and bringing back: RmShutdown and RmRestart of restartmanager.h, and
 * the functions of restartmanager_ext.h about it.
 */
#include "restartmanager_ext.h"

#include "account.h"
#include "call.h"
#include "ledger.h"
#include "plan.h"
#include "restart.h"
#include "session.h"
#include "shutdown.h"
#include "status.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_FLAGS ((DWORD)RmForceShutdown | (DWORD)RmShutdownOnlyRegistered)

/* As with a list, a directory has a code of its own here. */
static DWORD code_of(int e)
{
    return e == -EISDIR ? ERROR_ACCESS_DENIED : rm_status_from_errno(e);
}

/* The code of the call, and the account that goes with it.  Takes the turn. */
static DWORD conclude(struct rm_session *session, uint32_t phase, int e, enum rm_outcome outcome, RMX_ACCOUNT **ret)
{
    static const struct rm_items none = {0};
    const struct rm_ledger *ledger = session->ledger;

    if (ret && e != -ENOMEM) {
        int made = rm_account_make(ledger ? &ledger->items : &none, phase, ledger ? ledger->flags : 0,
                                   ledger ? ledger->reboot_reasons : 0, ret);

        if (made < 0)
            e = made;
    }
    rm_session_leave(session);
    return e < 0 ? code_of(e) : rm_status_from_outcome(outcome);
}

DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan)
{
    struct rm_wait wait = rm_call_wait(flags, timeout_ms, RM_LIST_TIMEOUT_MS);
    struct rm_session *session;
    struct rm_plan plan;
    int e;

    if (!ret_plan || !RM_KNOWN_FLAGS(flags, HEADER_FLAGS | RMX_SHUTDOWN_SKIP_CRITICAL))
        return ERROR_BAD_ARGUMENTS;
    *ret_plan = NULL;
    e = rm_session_enter_primary(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_session_task_begin(session, &wait);
    if (e >= 0) {
        e = rm_plan_make(session, flags, NULL, &wait, &plan);
        if (e >= 0)
            e = rm_account_make(&plan.items, RMX_PHASE_PLAN, plan.flags, plan.reboot_reasons, ret_plan);
        rm_plan_done(&plan);
        rm_session_task_end(session);
    }
    rm_session_leave(session);
    return code_of(e);
}

static bool is_sane(const RMX_SHUTDOWN *how)
{
    return how && how->size >= sizeof *how && RM_KNOWN_FLAGS(how->flags, HEADER_FLAGS | RMX_SHUTDOWN_SKIP_CRITICAL) &&
           (!how->only || how->only->size >= sizeof *how->only);
}

DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    enum rm_outcome outcome = RM_ALL_DONE;
    struct rm_session *session;
    struct rm_wait wait;
    int e;

    if (ret)
        *ret = NULL;
    if (!is_sane(how))
        return ERROR_BAD_ARGUMENTS;
    wait = rm_call_wait(how->flags, timeout_ms, RMX_TIMEOUT_NONE);
    e = rm_session_enter_primary(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_session_task_begin(session, &wait);
    if (e >= 0) {
        e = rm_shutdown(session, how, &wait, &outcome);
        rm_session_task_end(session);
    }
    return conclude(session, RMX_PHASE_SHUTDOWN, e, outcome, ret);
}

DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    struct rm_wait wait = rm_call_wait(0, timeout_ms, RMX_TIMEOUT_NONE);
    enum rm_outcome outcome = RM_ALL_DONE;
    struct rm_session *session;
    int e;

    if (ret)
        *ret = NULL;
    e = rm_session_enter_primary(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_session_task_begin(session, &wait);
    if (e >= 0) {
        e = rm_restart(session, progress, context, &wait, &outcome);
        rm_session_task_end(session);
    }
    return conclude(session, RMX_PHASE_RESTART, e, outcome, ret);
}

/* The header's callback has neither a phase nor a context. */
static void tell_percent(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item)
{
    const RM_WRITE_STATUS_CALLBACK *status = context;

    (void)phase, (void)item;
    (*status)(percent);
}

DWORD RmShutdown(DWORD dwSessionHandle, ULONG lActionFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    const RMX_SHUTDOWN how = {
        .size = sizeof how,
        .flags = lActionFlags,
        .app_timeout_ms = RMX_TIMEOUT_DEFAULT,
        .service_timeout_ms = RMX_TIMEOUT_DEFAULT,
        .progress = fnStatus ? tell_percent : NULL,
        .context = &fnStatus,
    };

    if (lActionFlags & ~HEADER_FLAGS)
        return ERROR_BAD_ARGUMENTS; /* ours: no source says */
    return RmxShutdown(dwSessionHandle, &how, RMX_TIMEOUT_NONE, NULL);
}

DWORD RmRestart(DWORD dwSessionHandle, DWORD dwRestartFlags, RM_WRITE_STATUS_CALLBACK fnStatus)
{
    if (dwRestartFlags)
        return ERROR_BAD_ARGUMENTS; /* ours */
    return RmxRestart(dwSessionHandle, fnStatus ? tell_percent : NULL, &fnStatus, RMX_TIMEOUT_NONE, NULL);
}

DWORD RmxLeaveStopped(DWORD handle)
{
    struct rm_wait wait = rm_call_wait(0, RMX_TIMEOUT_NONE, 0);
    struct rm_session *session;
    int e = rm_session_enter_primary(handle, &wait, &session);

    if (e < 0)
        return rm_status_from_errno(e);
    rm_ledger_free(session->ledger);
    session->ledger = NULL;
    rm_session_leave(session);
    return ERROR_SUCCESS;
}

DWORD RmxAddCritical(DWORD handle, LPCWSTR pattern)
{
    struct rm_wait wait = rm_call_wait(0, RMX_TIMEOUT_NONE, 0);
    char text[RM_PATH_LIMIT + 1];
    struct rm_session *session;
    long size;
    int e;

    size = pattern ? rm_text_to_bytes(pattern, text, RM_PATH_LIMIT) : -EINVAL;
    if (size <= 0)
        return ERROR_BAD_ARGUMENTS;
    text[size] = 0;
    e = rm_session_enter_primary(handle, &wait, &session);
    if (e < 0)
        return rm_status_from_errno(e);
    e = rm_critical_add(&session->critical, text);
    rm_session_leave(session);
    return rm_status_from_errno(e);
}

/* One block of memory. */
void RmxFreeAccount(RMX_ACCOUNT *account)
{
    free(account);
}
