/* SPDX-License-Identifier: MIT */
#include "acting.h"

#include "account.h"
#include "affected.h"
#include "list.h"
#include "processes.h"
#include "services.h"

/* Whoever cancels asks again and again until the whole call has ended, and may hit the list that comes after it. */
#define TRIES 8

bool rm_acting_is_up(const struct rm_item *item, RM_UNIQUE_PROCESS *now)
{
    *now = (RM_UNIQUE_PROCESS){0};
    if (item->info.unit)
        return rm_service_is_up(item->info.unit, now);
    for (uint32_t i = 0; i < item->info.process_count; i++)
        if (rm_process_is_alive(&item->processes[i]))
            return true;
    return false;
}

RMX_LIST *rm_acting_look(struct rm_session *session)
{
    struct rm_deadline deadline = rm_deadline_in(RMX_TIMEOUT_DEFAULT, RM_LIST_TIMEOUT_MS);
    DWORD code = ERROR_CANCELLED;
    RMX_LIST *list = NULL;

    for (int i = 0; code == ERROR_CANCELLED && i < TRIES; i++) {
        code = rm_deadline_begin(&deadline, session->handle);
        if (code == ERROR_SUCCESS)
            code = rm_deadline_end(&deadline, rm_list_get(session, 0, &deadline, &list));
    }
    return list;
}

ULONG rm_acting_status(const RMX_LIST *list, const struct rm_item *item)
{
    struct rm_items one = {.at = (struct rm_item *[]){(struct rm_item *)(uintptr_t)item}, .count = 1};
    ULONG status = 0;

    for (uint32_t row = 0; list && row < list->app_count; row++)
        if (rm_affected_find(list, row, &one))
            status |= list->rows[row].AppStatus;
    return status;
}

bool rm_acting_is_down(const struct rm_item *item)
{
    return item->info.status & RmStatusStopped && !(item->info.status & RmStatusRestarted) &&
           !(item->info.flags & RMX_ITEM_WAS_UP);
}

DWORD rm_acting_conclude(const struct rm_session *session, uint32_t phase, DWORD code, RMX_ACCOUNT **ret)
{
    if (!ret || code == ERROR_BAD_ARGUMENTS || code == ERROR_INVALID_HANDLE ||
        code == ERROR_SESSION_CREDENTIAL_CONFLICT || code == ERROR_OUTOFMEMORY)
        return code;
    if (rm_account_make(&session->items, phase, session->list_flags, session->reboot_reasons, ret) < 0)
        return ERROR_OUTOFMEMORY;
    return code;
}
