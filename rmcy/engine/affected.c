/* SPDX-License-Identifier: MIT */
#include "affected.h"

#include "pin.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* The header's name is there for services only. */
static bool is_service(const RMX_LIST *list, uint32_t row)
{
    return list->rows[row].strServiceShortName[0];
}

struct rm_item *rm_affected_find(const RMX_LIST *list, uint32_t row, const struct rm_items *items)
{
    if (is_service(list, row))
        return rm_items_find_unit(items, list->apps[row].unit, list->apps[row].manager_uid);
    return rm_items_find_process(items, &list->rows[row].Process);
}

/* What is said of a service is what weighs most among its processes: a mask is somebody's decision. */
static int weight(uint32_t cause)
{
    static const uint32_t order[] = {RMX_CAUSE_NONE, RMX_CAUSE_PERMISSION, RMX_CAUSE_CRITICAL, RMX_CAUSE_SELF,
                                     RMX_CAUSE_MASKED};

    for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
        if (order[i] == cause)
            return i;
    return 0;
}

static uint32_t cause_of(const RMX_LIST *list, uint32_t row)
{
    return list->rows[row].AppStatus & RmStatusShutdownMasked ? (uint32_t)RMX_CAUSE_MASKED : list->apps[row].cause;
}

static int set_name(struct rm_item *item, const RM_PROCESS_INFO *row)
{
    char name[3 * CCH_RM_MAX_APP_NAME + 1];
    long size = rm_text_to_bytes(row->strAppName, name, sizeof name - 1);

    name[size > 0 ? size : 0] = 0;
    return rm_item_set_text(&item->info.name, name);
}

static int describe(struct rm_item *item, const RMX_LIST *list, uint32_t row)
{
    const RM_PROCESS_INFO *info = &list->rows[row];
    const RMX_APP *app = &list->apps[row];
    int e = set_name(item, info);

    item->info.process = info->Process;
    item->info.status = info->AppStatus;
    item->info.type = info->ApplicationType;
    item->info.uid = app->uid;
    if (e >= 0)
        e = rm_item_set_text(&item->info.exe, app->exe);
    if (e >= 0 && is_service(list, row)) {
        item->info.manager_uid = app->manager_uid;
        e = rm_item_set_text(&item->info.unit, app->unit);
    }
    return e;
}

int rm_affected_add_row(const RMX_LIST *list, uint32_t row, struct rm_pin *pin, struct rm_items *items,
                        struct rm_item **ret)
{
    struct rm_item *item = is_service(list, row) ? rm_affected_find(list, row, items) : NULL;
    const RM_PROCESS_INFO *info = &list->rows[row];
    uint32_t cause = cause_of(list, row);
    int e = 0;

    if (item) {
        item->info.status |= info->AppStatus;
    } else {
        e = rm_items_add(items, &item);
        if (e >= 0)
            e = describe(item, list, row);
    }
    if (e >= 0 && info->Process.dwProcessId)
        e = rm_item_add_process(item, &info->Process);
    if (e < 0) {
        rm_host_pin_free(pin);
        return e;
    }
    item->holds |= list->apps[row].use_count > 0;
    if (weight(cause) > weight(item->info.cause)) {
        item->info.cause = cause;
        item->info.type = info->ApplicationType;
    }
    /* A service is its manager's to stop. */
    if (item->info.unit)
        rm_host_pin_free(pin);
    else
        item->pin = pin;
    *ret = item;
    return 0;
}

int rm_affected_add(const RMX_LIST *list, struct rm_pin *pins[], struct rm_items *items)
{
    struct rm_item *item;
    int e = 0;

    for (uint32_t row = 0; e >= 0 && row < list->app_count; row++) {
        e = rm_affected_add_row(list, row, pins[row], items, &item);
        pins[row] = NULL;
    }
    return e;
}
