/* SPDX-License-Identifier: MIT
 *
 * RmRestart with an account.  As which process a program came back Windows does
 * not say: a service is asked for at its manager, and of a program one is
 * looked for that runs the same file and was started since (ours).
 */
#include "acting.h"

#include "affected.h"
#include "list.h"
#include "masks.h"
#include "plan.h"
#include "processes.h"
#include "trampolines.h"

#include <stdlib.h>

/* ---- before ---- */

/* What was stopped by the header's own function is in Windows' list only; without a list it is brought back untold. */
static DWORD adopt(struct rm_session *session, struct rm_deadline *deadline)
{
    RMX_LIST *list = NULL;
    DWORD code = session->stopped ? ERROR_SUCCESS : rm_list_get(session, 0, deadline, &list);

    if (code != ERROR_CANCELLED && code != ERROR_SEM_TIMEOUT)
        code = ERROR_SUCCESS;
    for (uint32_t row = 0; code == ERROR_SUCCESS && list && row < list->app_count; row++) {
        const RM_PROCESS_INFO *info = &list->rows[row];
        struct rm_item *item;

        if (!(info->AppStatus & RmStatusStopped) || info->AppStatus & RmStatusRestarted ||
            rm_affected_find(list, row, &session->left) || rm_affected_find(list, row, &session->items))
            continue;
        if (rm_affected_add_row(list, row, NULL, &session->items, &item) < 0)
            code = ERROR_OUTOFMEMORY;
        else
            rm_plan_ways(item, info->bRestartable);
    }
    free(list);
    return code;
}

/* Programs that were asked to end may have done so since; somebody may have started a service again. */
static void refresh(struct rm_session *session)
{
    for (uint32_t i = 0; i < session->items.count; i++) {
        struct rm_item *item = session->items.at[i];
        RMX_ITEM *info = &item->info;
        RM_UNIQUE_PROCESS now;
        bool up = rm_acting_is_up(item, &now);

        if (info->action && !up) {
            info->status = (info->status & ~(uint32_t)(RmStatusRunning | RmStatusErrorOnStop)) | RmStatusStopped;
            info->failure = RMX_FAIL_NONE;
            (void)rm_item_set_text(&info->detail, NULL); /* takes away, and so cannot fail */
        } else if (up && info->status & RmStatusStopped) {
            info->status |= RmStatusRunning;
            info->flags |= RMX_ITEM_WAS_UP;
            info->now = now;
        }
    }
}

static DWORD mask_left(struct rm_session *session, struct rm_masks *masks)
{
    DWORD code = ERROR_SUCCESS;

    for (uint32_t i = 0; code == ERROR_SUCCESS && i < session->left.count; i++)
        code = rm_masks_add(masks, session->left.at[i]);
    return code;
}

/* ---- afterwards ---- */

static bool is_taken(const void *context, const RM_UNIQUE_PROCESS *process)
{
    return rm_items_find_now(context, process) != NULL;
}

static bool is_seen(const struct rm_items *items, struct rm_item *item, const FILETIME *since)
{
    RMX_ITEM *info = &item->info;

    if (info->unit)
        return rm_acting_is_up(item, &info->now);
    return info->exe && rm_process_find(info->exe, since, is_taken, items, &info->now);
}

static void fail(RMX_ITEM *info, uint32_t failure, const char *detail)
{
    info->failure = failure;
    if (failure != RMX_FAIL_NO_WAY)
        info->status |= RmStatusErrorOnRestart;
    if (rm_item_set_text(&info->detail, detail) < 0) {
        /* The failure says it too. */
    }
}

static void judge(struct rm_items *items, struct rm_item *item, ULONG status, const FILETIME *since, DWORD code)
{
    RMX_ITEM *info = &item->info;

    if (status & RmStatusRestartMasked) {
        info->status |= RmStatusRestartMasked;
        info->back = RMX_BACK_MASKED;
    }
    if (info->back == RMX_BACK_MASKED)
        return;
    if (info->back == RMX_BACK_NO && !(status & RmStatusRestarted)) {
        if (code == ERROR_SUCCESS || code == ERROR_FAIL_RESTART)
            fail(info, RMX_FAIL_NO_WAY, NULL);
        return;
    }
    if (is_seen(items, item, since)) {
        info->status |= RmStatusRunning | RmStatusRestarted;
        info->flags |= RMX_ITEM_VERIFIED;
    } else if (status & RmStatusRestarted || (code == ERROR_SUCCESS && !(status & RmStatusErrorOnRestart))) {
        info->status |= RmStatusRestarted; /* Windows says so; it may have ended again */
    } else if (status & RmStatusErrorOnRestart || code == ERROR_FAIL_RESTART) {
        fail(info, RMX_FAIL_SYSTEM, "Windows does not say why");
    }
}

static DWORD settle(struct rm_session *session, const FILETIME *since, DWORD code)
{
    RMX_LIST *list = rm_acting_look(session);

    for (uint32_t i = 0; i < session->items.count; i++) {
        struct rm_item *item = session->items.at[i];

        if (rm_acting_is_down(item))
            judge(&session->items, item, rm_acting_status(list, item), since, code);
    }
    if (list)
        session->reboot_reasons = list->reboot_reasons;
    free(list);
    session->settled = code == ERROR_SUCCESS || code == ERROR_FAIL_RESTART;
    return code;
}

/* ---- the whole ---- */

static DWORD restart(struct rm_session *session, RMX_PROGRESS progress, void *context, struct rm_deadline *deadline)
{
    struct rm_masks masks = {.handle = session->handle, .action = RmNoRestart};
    struct rm_telling telling;
    FILETIME since;
    DWORD code;

    if (session->settled) /* once more: there is nothing to tell */
        rm_items_done(&session->items);
    if (session->left.count && !session->stopped)
        return ERROR_REQUEST_OUT_OF_SEQUENCE;
    code = rm_deadline_begin(deadline, session->handle);
    if (code != ERROR_SUCCESS)
        return code;
    code = adopt(session, deadline);
    if (code != ERROR_SUCCESS)
        return rm_deadline_end(deadline, code);
    rm_telling_begin(&telling, progress, context, RMX_PHASE_RESTART);
    refresh(session);
    code = mask_left(session, &masks);
    GetSystemTimeAsFileTime(&since);
    if (code == ERROR_SUCCESS)
        code = RmRestart(session->handle, 0, telling.callback);
    code = rm_deadline_end(deadline, code);
    rm_masks_remove(&masks);
    if (code != ERROR_REQUEST_OUT_OF_SEQUENCE)
        code = settle(session, &since, code);
    rm_telling_end(&telling, code);
    return code;
}

DWORD RmxRestart(DWORD handle, RMX_PROGRESS progress, void *context, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RMX_TIMEOUT_NONE);
    struct rm_session *session;
    DWORD code;

    if (ret)
        *ret = NULL;
    code = rm_session_check_primary(handle);
    if (code == ERROR_SUCCESS)
        code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    code = rm_acting_conclude(session, RMX_PHASE_RESTART, restart(session, progress, context, &deadline), ret);
    rm_session_leave(session);
    return code;
}

static bool is_not_down(const struct rm_item *item)
{
    return !rm_acting_is_down(item);
}

/* Windows cannot be told to forget.  So what was stopped is kept from coming back with a later RmRestart, by a filter
 * for the time of that (ours). */
DWORD RmxLeaveStopped(DWORD handle)
{
    struct rm_deadline deadline = rm_deadline_in(RMX_TIMEOUT_NONE, 0);
    struct rm_session *session;
    DWORD code = rm_session_check_primary(handle);

    if (code == ERROR_SUCCESS)
        code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    rm_items_remove(&session->items, is_not_down);
    if (rm_items_move(&session->items, &session->left) < 0)
        code = ERROR_OUTOFMEMORY;
    else
        session->stopped = session->settled = false;
    rm_session_leave(session);
    return code;
}
