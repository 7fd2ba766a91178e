/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include "account.h"
#include "affected.h"
#include "list.h"
#include "processes.h"
#include "services.h"

#include <stdlib.h>

#define HEADER_FLAGS ((DWORD)RmForceShutdown | (DWORD)RmShutdownOnlyRegistered)

bool rm_plan_is_up(const RMX_LIST *list, uint32_t row)
{
    const RM_PROCESS_INFO *info = &list->rows[row];
    RM_UNIQUE_PROCESS now;

    if (!(info->AppStatus & (RmStatusStopped | RmStatusStoppedOther)))
        return true;
    return list->apps[row].unit ? rm_service_is_up(list->apps[row].unit, &now)
                                : rm_process_is_alive(&info->Process);
}

void rm_plan_ways(struct rm_item *item, bool restartable)
{
    RMX_ITEM *info = &item->info;

    info->action = info->unit ? RMX_ACTION_UNIT : RMX_ACTION_SIGNAL;
    if (info->status & RmStatusRestartMasked)
        info->back = RMX_BACK_MASKED;
    else if (info->unit)
        info->back = RMX_BACK_UNIT;
    else
        info->back = restartable ? RMX_BACK_REGISTERED : RMX_BACK_NO;
}

static void leave_alone(struct rm_item *item, uint32_t cause)
{
    RMX_ITEM *info = &item->info;

    if (!item->due)
        return;
    item->due = false;
    info->cause = cause;
    info->action = RMX_ACTION_NONE;
    /* That it goes on was taken for a failure. */
    info->failure = RMX_FAIL_NONE;
    info->status &= ~(uint32_t)RmStatusErrorOnStop;
}

void rm_plan_refuse(struct rm_items *items)
{
    for (uint32_t i = 0; i < items->count; i++)
        leave_alone(items->at[i], RMX_CAUSE_NOTHING_DONE);
}

void rm_plan_refuse_unregistered(struct rm_items *items)
{
    bool any = false;

    for (uint32_t i = 0; i < items->count; i++) {
        if (!items->at[i]->due || items->at[i]->info.back != RMX_BACK_NO)
            continue;
        leave_alone(items->at[i], RMX_CAUSE_NOT_REGISTERED);
        any = true;
    }
    if (any)
        rm_plan_refuse(items);
}

/* Windows stops nothing if it would need a restart of the system anyway. */
static bool needs_reboot(const struct rm_items *items, DWORD reasons)
{
    if (reasons & RmRebootReasonSessionMismatch)
        return true;
    for (uint32_t i = 0; i < items->count; i++) {
        uint32_t cause = items->at[i]->info.cause;

        if (cause == RMX_CAUSE_CRITICAL || cause == RMX_CAUSE_SELF || cause == RMX_CAUSE_PERMISSION)
            return true;
    }
    return false;
}

DWORD rm_plan_make(const RMX_LIST *list, DWORD flags, const RMX_ACCOUNT *only, struct rm_items *items)
{
    for (uint32_t row = 0; row < list->app_count; row++) {
        struct rm_item *item;

        if (!rm_plan_is_up(list, row))
            continue;
        if (rm_affected_add_row(list, row, NULL, items, &item) < 0)
            return ERROR_OUTOFMEMORY;
        rm_plan_ways(item, list->rows[row].bRestartable);
    }
    for (uint32_t i = 0; i < items->count; i++) {
        RMX_ITEM *info = &items->at[i]->info;

        if (only && info->cause == RMX_CAUSE_NONE && !rm_account_includes(only, items->at[i]))
            info->cause = RMX_CAUSE_NOT_PLANNED;
        if (info->cause) {
            info->action = RMX_ACTION_NONE;
            info->back = RMX_BACK_NO;
        }
        items->at[i]->due = info->action != RMX_ACTION_NONE;
    }
    if (flags & RmShutdownOnlyRegistered)
        rm_plan_refuse_unregistered(items);
    if (needs_reboot(items, list->reboot_reasons))
        rm_plan_refuse(items);
    return ERROR_SUCCESS;
}

static DWORD make(struct rm_session *session, DWORD flags, const struct rm_deadline *deadline, RMX_ACCOUNT **ret)
{
    struct rm_items items = {0};
    RMX_LIST *list = NULL;
    DWORD code = rm_list_get(session, 0, deadline, &list);

    if (code == ERROR_SUCCESS)
        code = rm_plan_make(list, flags, NULL, &items);
    if (code == ERROR_SUCCESS &&
        rm_account_make(&items, RMX_PHASE_PLAN, list->flags & RMX_LIST_COMPLETE, list->reboot_reasons, ret) < 0)
        code = ERROR_OUTOFMEMORY;
    rm_items_done(&items);
    free(list);
    return code;
}

DWORD RmxPlan(DWORD handle, DWORD flags, ULONG timeout_ms, RMX_ACCOUNT **ret_plan)
{
    struct rm_deadline deadline = rm_deadline_in(timeout_ms, RM_LIST_TIMEOUT_MS);
    struct rm_session *session;
    DWORD code;

    if (!ret_plan || !RM_KNOWN_FLAGS(flags, HEADER_FLAGS | RMX_SHUTDOWN_SKIP_CRITICAL))
        return ERROR_BAD_ARGUMENTS;
    *ret_plan = NULL;
    code = rm_session_enter(handle, &deadline, &session);
    if (code != ERROR_SUCCESS)
        return code;
    code = rm_deadline_begin(&deadline, handle);
    if (code == ERROR_SUCCESS)
        code = rm_deadline_end(&deadline, make(session, flags, &deadline, ret_plan));
    rm_session_leave(session);
    return code;
}

/* One block of memory. */
void RmxFreeAccount(RMX_ACCOUNT *account)
{
    free(account);
}
