/* SPDX-License-Identifier: MIT
 *
 * RmShutdown with an account.  Windows says how it went in one code; what became
 * of each program is read from the lists before and after, and from whether it
 * is still there.
 *
 * Ours: what is not in the caller's plan is kept from being stopped by a filter
 * for the time of the call.  What comes up between our list and Windows' own
 * cannot be.  RMX_SHUTDOWN_SKIP_CRITICAL is accepted and has no effect: Windows
 * does nothing then, and answers 350.
 */
#include "acting.h"

#include "affected.h"
#include "list.h"
#include "masks.h"
#include "plan.h"
#include "trampolines.h"

#include <errno.h>
#include <stdlib.h>

#define HEADER_FLAGS ((DWORD)RmForceShutdown | (DWORD)RmShutdownOnlyRegistered)

/* ---- before ---- */

static bool is_past(const struct rm_item *item)
{
    return item->past;
}

static struct rm_item *find_same(const struct rm_items *items, const struct rm_item *item)
{
    if (item->info.unit)
        return rm_items_find_unit(items, item->info.unit, item->info.manager_uid);
    return rm_items_find_process(items, &item->info.process);
}

/* The items of this call, beside what earlier ones have stopped. */
static DWORD take(struct rm_session *session, struct rm_items *items)
{
    for (uint32_t i = 0; i < session->items.count; i++) {
        struct rm_item *old = session->items.at[i];

        old->due = false;
        old->past = session->settled || !rm_acting_is_down(old) || find_same(items, old);
    }
    rm_items_remove(&session->items, is_past);
    session->settled = false;
    return rm_items_move(items, &session->items) < 0 ? ERROR_OUTOFMEMORY : ERROR_SUCCESS;
}

static DWORD prepare(struct rm_session *session, const RMX_SHUTDOWN *how, const struct rm_deadline *deadline)
{
    struct rm_items items = {0};
    RMX_LIST *list = NULL;
    DWORD code = rm_list_get(session, 0, deadline, &list);

    if (list) {
        session->list_flags = list->flags & RMX_LIST_COMPLETE;
        session->reboot_reasons = list->reboot_reasons;
    }
    if (code == ERROR_SUCCESS)
        /* What Windows refuses is known afterwards. */
        code = rm_plan_make(list, 0, how->only, &items);
    if (code == ERROR_SUCCESS)
        code = take(session, &items);
    rm_items_done(&items);
    free(list);
    return code;
}

static DWORD mask_unplanned(const struct rm_session *session, struct rm_masks *masks)
{
    DWORD code = ERROR_SUCCESS;

    for (uint32_t i = 0; code == ERROR_SUCCESS && i < session->items.count; i++)
        if (session->items.at[i]->info.cause == RMX_CAUSE_NOT_PLANNED)
            code = rm_masks_add(masks, session->items.at[i]);
    return code;
}

/* ---- afterwards ---- */

static void judge(struct rm_item *item, const RMX_LIST *list, DWORD code)
{
    static const ULONG told = RmStatusStopped | RmStatusStoppedOther | RmStatusErrorOnStop;
    RMX_ITEM *info = &item->info;
    RM_UNIQUE_PROCESS now;
    ULONG status = rm_acting_status(list, item) & told;

    if (!rm_acting_is_up(item, &now)) {
        info->status &= ~(uint32_t)RmStatusRunning;
        info->status |= status & (RmStatusStopped | RmStatusStoppedOther);
        if (!(info->status & (RmStatusStopped | RmStatusStoppedOther)))
            info->status |= info->action ? RmStatusStopped : RmStatusStoppedOther;
        return;
    }
    if (!info->action)
        return;
    /* Of what Windows could not stop, and of what it had no time for, it says no more than that. */
    info->status |= RmStatusErrorOnStop;
    info->failure = RMX_FAIL_TIMEOUT;
    if (code == ERROR_SUCCESS && rm_item_set_text(&info->detail, "Windows says that it was stopped") < 0) {
        /* The failure says it too. */
    }
    if ((code == ERROR_CANCELLED || code == ERROR_SEM_TIMEOUT) && !(status & RmStatusErrorOnStop)) {
        info->status &= ~(uint32_t)RmStatusErrorOnStop;
        if (rm_item_set_text(&info->detail, "broken off; Windows does not say whether it was asked to end") < 0) {
            /* The code of the call says it too. */
        }
    }
}

static DWORD add_newcomers(struct rm_session *session, const RMX_LIST *list)
{
    for (uint32_t row = 0; list && row < list->app_count; row++) {
        struct rm_item *item;

        if (rm_affected_find(list, row, &session->items) || !rm_plan_is_up(list, row))
            continue;
        if (rm_affected_add_row(list, row, NULL, &session->items, &item) < 0)
            return ERROR_OUTOFMEMORY;
        if (!item->info.cause)
            item->info.cause = RMX_CAUSE_NOT_PLANNED;
    }
    return ERROR_SUCCESS;
}

static bool any_is_up(const struct rm_session *session, uint32_t cause)
{
    RM_UNIQUE_PROCESS now;

    for (uint32_t i = 0; i < session->items.count; i++)
        if (session->items.at[i]->info.cause == cause && rm_acting_is_up(session->items.at[i], &now))
            return true;
    return false;
}

/* Did Windows refuse the whole because of RmShutdownOnlyRegistered?  Nobody has written down with which code. */
static bool is_untouched(const struct rm_session *session)
{
    for (uint32_t i = 0; i < session->items.count; i++)
        if (session->items.at[i]->due && session->items.at[i]->info.status & (RmStatusStopped | RmStatusStoppedOther))
            return false;
    return true;
}

/* With every other code nothing has been done. */
static bool has_acted(DWORD code)
{
    return code == ERROR_SUCCESS || code == ERROR_FAIL_SHUTDOWN || code == ERROR_CANCELLED || code == ERROR_SEM_TIMEOUT;
}

static DWORD settle(struct rm_session *session, const RMX_SHUTDOWN *how, DWORD code)
{
    RMX_LIST *list = NULL;

    if (!has_acted(code)) {
        if (how->flags & RmShutdownOnlyRegistered && !session->reboot_reasons)
            rm_plan_refuse_unregistered(&session->items);
        rm_plan_refuse(&session->items);
        return code;
    }
    list = rm_acting_look(session);
    for (uint32_t i = 0; i < session->items.count; i++)
        if (!rm_acting_is_down(session->items.at[i]))
            judge(session->items.at[i], list, code);
    if (code == ERROR_FAIL_SHUTDOWN && how->flags & RmShutdownOnlyRegistered && is_untouched(session)) {
        rm_plan_refuse_unregistered(&session->items);
    } else if (add_newcomers(session, list) != ERROR_SUCCESS) {
        code = ERROR_OUTOFMEMORY;
    }
    free(list);
    /* As on Linux: not all that holds a file was stopped. */
    if (code == ERROR_SUCCESS && any_is_up(session, RMX_CAUSE_NOT_PLANNED))
        code = ERROR_FAIL_SHUTDOWN;
    return code;
}

/* ---- the whole ---- */

static DWORD shut_down(struct rm_session *session, const RMX_SHUTDOWN *how, struct rm_deadline *deadline)
{
    struct rm_masks masks = {.handle = session->handle, .action = RmNoShutdown};
    struct rm_telling telling;
    DWORD code = rm_deadline_begin(deadline, session->handle);

    if (code != ERROR_SUCCESS)
        return code;
    rm_telling_begin(&telling, how->progress, how->context, RMX_PHASE_SHUTDOWN);
    code = prepare(session, how, deadline);
    if (code == ERROR_SUCCESS)
        code = mask_unplanned(session, &masks);
    if (code != ERROR_SUCCESS) {
        code = rm_deadline_end(deadline, code);
    } else {
        code = RmShutdown(session->handle, how->flags & HEADER_FLAGS, telling.callback);
        code = rm_deadline_end(deadline, code);
        session->stopped = true;
        code = settle(session, how, code);
    }
    rm_masks_remove(&masks);
    rm_telling_end(&telling, code);
    return code;
}

static bool is_sane(const RMX_SHUTDOWN *how)
{
    return how && how->size >= sizeof *how && RM_KNOWN_FLAGS(how->flags, HEADER_FLAGS | RMX_SHUTDOWN_SKIP_CRITICAL) &&
           (!how->only || how->only->size >= sizeof *how->only);
}

DWORD RmxShutdown(DWORD handle, const RMX_SHUTDOWN *how, ULONG timeout_ms, RMX_ACCOUNT **ret)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RMX_TIMEOUT_NONE);
    struct rm_session *session;
    DWORD code;

    if (ret)
        *ret = NULL;
    if (!is_sane(how))
        return ERROR_BAD_ARGUMENTS;
    if (how->app_timeout_ms != RMX_TIMEOUT_DEFAULT || how->service_timeout_ms != RMX_TIMEOUT_DEFAULT)
        return ERROR_CALL_NOT_IMPLEMENTED;
    code = rm_session_check_primary(handle);
    if (code == ERROR_SUCCESS)
        code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    code = rm_acting_conclude(session, RMX_PHASE_SHUTDOWN, shut_down(session, how, &deadline), ret);
    rm_session_leave(session);
    return code;
}
