/* SPDX-License-Identifier: MIT */
#include "items.h"

#include "pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_text(const char *text)
{
    free((char *)(uintptr_t)text);
}

static void free_item(struct rm_item *item)
{
    if (!item)
        return;
    free_text(item->info.name);
    free_text(item->info.exe);
    free_text(item->info.unit);
    free_text(item->info.detail);
    free(item->processes);
    free(item->wish);
    rm_host_pin_free(item->pin);
    free(item);
}

static int reserve(struct rm_items *items, uint32_t more)
{
    uint32_t capacity = items->capacity;
    struct rm_item **at;

    if (items->count + more <= capacity)
        return 0;
    while (capacity < items->count + more)
        capacity = capacity * 2 + 16;
    at = realloc(items->at, capacity * sizeof *at);
    if (!at)
        return -ENOMEM;
    items->at = at;
    items->capacity = capacity;
    return 0;
}

int rm_items_add(struct rm_items *items, struct rm_item **ret)
{
    struct rm_item *item;

    if (reserve(items, 1) < 0)
        return -ENOMEM;
    item = calloc(1, sizeof *item);
    if (!item)
        return -ENOMEM;
    item->member = UINT32_MAX;
    item->info.because = UINT32_MAX;
    item->info.status = RmStatusRunning;
    item->info.uid = item->info.manager_uid = RMX_NO_UID;
    items->at[items->count++] = item;
    *ret = item;
    return 0;
}

int rm_items_move(struct rm_items *items, struct rm_items *to)
{
    if (reserve(to, items->count) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < items->count; i++)
        to->at[to->count++] = items->at[i];
    items->count = 0;
    return 0;
}

void rm_items_remove(struct rm_items *items, bool (*gone)(const struct rm_item *item))
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < items->count; i++)
        if (items->at[i]->because && gone(items->at[i]->because))
            items->at[i]->because = NULL;
    for (uint32_t i = 0; i < items->count; i++) {
        if (gone(items->at[i]))
            free_item(items->at[i]);
        else
            items->at[kept++] = items->at[i];
    }
    items->count = kept;
}

void rm_items_done(struct rm_items *items)
{
    for (uint32_t i = 0; i < items->count; i++)
        free_item(items->at[i]);
    free(items->at);
    *items = (struct rm_items){0};
}

bool rm_process_is_same(const RM_UNIQUE_PROCESS *a, const RM_UNIQUE_PROCESS *b)
{
    return !memcmp(a, b, sizeof *a);
}

struct rm_item *rm_items_find_unit(const struct rm_items *items, const char *unit, uint32_t manager_uid)
{
    for (uint32_t i = 0; i < items->count; i++) {
        const RMX_ITEM *info = &items->at[i]->info;

        if (info->unit && info->manager_uid == manager_uid && !strcmp(info->unit, unit))
            return items->at[i];
    }
    return NULL;
}

struct rm_item *rm_items_find_process(const struct rm_items *items, const RM_UNIQUE_PROCESS *process)
{
    for (uint32_t i = 0; i < items->count; i++)
        for (uint32_t k = 0; k < items->at[i]->info.process_count; k++)
            if (rm_process_is_same(&items->at[i]->processes[k], process))
                return items->at[i];
    return NULL;
}

struct rm_item *rm_items_find_now(const struct rm_items *items, const RM_UNIQUE_PROCESS *process)
{
    for (uint32_t i = 0; process->dwProcessId && i < items->count; i++)
        if (rm_process_is_same(&items->at[i]->info.now, process))
            return items->at[i];
    return NULL;
}

struct rm_item *rm_items_find_entry(const struct rm_items *items, const struct rm_entry *entry)
{
    return entry->unit ? rm_items_find_unit(items, entry->unit, entry->manager_uid)
                       : rm_items_find_process(items, &entry->process);
}

int rm_item_set_text(const char **text, const char *to)
{
    char *copy = NULL;

    if (to) {
        size_t size = strlen(to) + 1;

        copy = malloc(size);
        if (!copy)
            return -ENOMEM;
        memcpy(copy, to, size);
    }
    free_text(*text);
    *text = copy;
    return 0;
}

void rm_item_renew(struct rm_item *item)
{
    RMX_ITEM *info = &item->info;

    item->because = NULL;
    item->past = item->due = item->asked = item->newcomer = false;
    info->action = info->cause = info->failure = info->flags = info->process_count = 0;
    info->now = (RM_UNIQUE_PROCESS){0};
}

int rm_item_add_process(struct rm_item *item, const RM_UNIQUE_PROCESS *process)
{
    uint32_t count = item->info.process_count;

    /* A power of two is full. */
    if (!(count & (count - 1))) {
        RM_UNIQUE_PROCESS *larger = realloc(item->processes, (count ? count * 2 : 1) * sizeof *larger);

        if (!larger)
            return -ENOMEM;
        item->processes = larger;
    }
    item->processes[count] = *process;
    item->info.process_count++;
    return 0;
}

struct rm_entry rm_item_entry(const struct rm_item *item, enum rm_entry_kind kind)
{
    const RMX_ITEM *info = &item->info;

    return (struct rm_entry){
        .kind = kind,
        .part = item->part,
        .back = info->back,
        .type = info->type,
        .uid = info->uid,
        .manager_uid = info->manager_uid,
        .process = info->process,
        .unit = info->unit,
        .because = item->because ? item->because->info.unit : NULL,
        .name = info->name,
        .exe = info->exe,
        .wish = item->wish,
        .wish_size = item->wish_size,
    };
}
