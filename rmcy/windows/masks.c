/* SPDX-License-Identifier: MIT */
#include "masks.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct rm_mask {
    RM_UNIQUE_PROCESS process;
    WCHAR service[CCH_RM_MAX_SVC_NAME + 1]; /* empty: by process */
    RM_FILTER_ACTION before;                /* of the caller's own filter, or RmInvalidFilterAction */
};

struct list {
    BYTE *buffer;
    DWORD size;
};

/* Names lie in the buffer, too; nothing outside of that is read. */
static bool is_name(const struct list *list, const WCHAR *name, const WCHAR *wanted)
{
    uintptr_t begin = (uintptr_t)list->buffer, at = (uintptr_t)name;
    size_t room;

    if (at < begin || at > begin + list->size)
        return false;
    room = (begin + list->size - at) / sizeof *name;
    return wcsnlen(name, room) < room && _wcsicmp(name, wanted) == 0;
}

static bool is_about(const struct list *list, const RM_FILTER_INFO *filter, const struct rm_mask *mask)
{
    if (mask->service[0])
        return filter->FilterTrigger == RmFilterTriggerService &&
               is_name(list, filter->strServiceShortName, mask->service);
    return filter->FilterTrigger == RmFilterTriggerProcess && rm_process_is_same(&filter->Process, &mask->process);
}

static RM_FILTER_ACTION search(const struct list *list, const struct rm_mask *mask)
{
    DWORD at = 0;

    while (list->size - at >= sizeof(RM_FILTER_INFO)) {
        RM_FILTER_INFO filter;

        memcpy(&filter, list->buffer + at, sizeof filter);
        if (is_about(list, &filter, mask))
            return filter.FilterAction;
        if (!filter.cbNextOffset || filter.cbNextOffset > list->size - at)
            break;
        at += filter.cbNextOffset; /* from this one on */
    }
    return RmInvalidFilterAction;
}

/* What the caller's own filter about the same target says. */
static DWORD find_before(DWORD handle, struct rm_mask *mask)
{
    struct list list = {0};
    DWORD needed = 0, code;

    for (;;) {
        BYTE *larger;

        code = RmGetFilterList(handle, list.buffer, list.size, &needed);
        if (code != ERROR_MORE_DATA || needed <= list.size)
            break;
        larger = realloc(list.buffer, needed);
        if (!larger) {
            code = ERROR_OUTOFMEMORY;
            break;
        }
        list.buffer = larger;
        list.size = needed;
    }
    if (needed < list.size)
        list.size = needed;
    mask->before = RmInvalidFilterAction;
    if (code == ERROR_SUCCESS && list.buffer)
        mask->before = search(&list, mask);
    free(list.buffer);
    return code;
}

static DWORD set(DWORD handle, struct rm_mask *mask, RM_FILTER_ACTION action)
{
    if (mask->service[0])
        return RmAddFilter(handle, NULL, NULL, mask->service, action);
    return RmAddFilter(handle, NULL, &mask->process, NULL, action);
}

static DWORD add(struct rm_masks *masks, const struct rm_mask *mask)
{
    struct rm_mask *at = realloc(masks->at, (masks->count + 1) * sizeof *at), *added;
    DWORD code;

    if (!at)
        return ERROR_OUTOFMEMORY;
    masks->at = at;
    added = &at[masks->count];
    *added = *mask;
    code = find_before(masks->handle, added);
    if (code == ERROR_SUCCESS && added->before != masks->action) {
        code = set(masks->handle, added, masks->action);
        masks->count += code == ERROR_SUCCESS;
    }
    return code;
}

DWORD rm_masks_add(struct rm_masks *masks, const struct rm_item *item)
{
    struct rm_mask mask = {0};
    DWORD code = ERROR_SUCCESS;

    if (item->info.unit) {
        rm_text_from_bytes(item->info.unit, mask.service, CCH_RM_MAX_SVC_NAME);
        return add(masks, &mask);
    }
    for (uint32_t i = 0; code == ERROR_SUCCESS && i < item->info.process_count; i++) {
        mask.process = item->processes[i];
        code = add(masks, &mask);
    }
    return code;
}

void rm_masks_remove(struct rm_masks *masks)
{
    while (masks->count) {
        struct rm_mask *mask = &masks->at[--masks->count];

        if (mask->before != RmInvalidFilterAction)
            (void)set(masks->handle, mask, mask->before);
        else if (mask->service[0])
            (void)RmRemoveFilter(masks->handle, NULL, NULL, mask->service);
        else
            (void)RmRemoveFilter(masks->handle, NULL, &mask->process, NULL);
    }
    free(masks->at);
    masks->at = NULL;
}
