/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pieces {
    RMX_ACCOUNT *account;
    RMX_ITEM *items;
    RM_UNIQUE_PROCESS *processes;
    char *text;
};

struct sizes {
    uint32_t items, processes;
    size_t text;
};

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static struct sizes measure(const struct rm_items *items)
{
    struct sizes n = {0};

    for (uint32_t i = 0; i < items->count; i++) {
        const RMX_ITEM *info = &items->at[i]->info;

        if (items->at[i]->past)
            continue;
        n.items++;
        n.processes += info->process_count;
        n.text += size_of(info->name) + size_of(info->exe) + size_of(info->unit) + size_of(info->detail);
    }
    return n;
}

static struct pieces lay_out(struct rm_block *b, const struct sizes *n)
{
    struct pieces p;

    p.account = RM_CUT(b, 1, RMX_ACCOUNT);
    p.items = RM_CUT(b, n->items, RMX_ITEM);
    p.processes = RM_CUT(b, n->processes, RM_UNIQUE_PROCESS);
    p.text = RM_CUT(b, n->text, char);
    return p;
}

static const char *put(char **to, const char *text)
{
    size_t size = size_of(text);
    char *at = *to;

    if (!text)
        return NULL;
    memcpy(at, text, size);
    *to += size;
    return at;
}

/* What would start a service again goes before it, and what goes down with it does. */
static int rank(const struct rm_item *item)
{
    if (!item->info.unit)
        return 0;
    switch (item->part) {
    case RM_UNIT_TRIGGER:
        return 1;
    case RM_UNIT_DEPENDENT:
        return 2;
    default:
        return 3;
    }
}

static void fill(const struct rm_items *items, struct pieces p)
{
    uint32_t count = 0, processes = 0;

    for (int turn = 0; turn <= 3; turn++)
        for (uint32_t i = 0; i < items->count; i++) {
            struct rm_item *item = items->at[i];
            RMX_ITEM *info = &p.items[count];

            if (item->past || rank(item) != turn)
                continue;
            item->index = count++;
            *info = item->info;
            info->first_process = processes;
            if (info->process_count)
                memcpy(p.processes + processes, item->processes, info->process_count * sizeof *item->processes);
            processes += info->process_count;
            info->name = put(&p.text, info->name);
            info->exe = put(&p.text, info->exe);
            info->unit = put(&p.text, info->unit);
            info->detail = put(&p.text, info->detail);
        }
    for (uint32_t i = 0; i < items->count; i++) {
        const struct rm_item *item = items->at[i];

        if (!item->past)
            p.items[item->index].because = item->because && !item->because->past ? item->because->index : UINT32_MAX;
    }
}

int rm_account_make(const struct rm_items *items, uint32_t phase, uint32_t flags, uint32_t reboot_reasons,
                    RMX_ACCOUNT **ret)
{
    struct sizes n = measure(items);
    struct rm_block block = {0};
    struct pieces p;

    lay_out(&block, &n);
    block = (struct rm_block){.base = calloc(1, block.used)};
    if (!block.base)
        return -ENOMEM;
    p = lay_out(&block, &n);
    *p.account = (RMX_ACCOUNT){
        .size = sizeof *p.account,
        .phase = phase,
        .flags = flags,
        .reboot_reasons = reboot_reasons,
        .item_count = n.items,
        .process_count = n.processes,
        .items = p.items,
        .processes = p.processes,
    };
    fill(items, p);
    *ret = p.account;
    return 0;
}

bool rm_account_includes(const RMX_ACCOUNT *plan, const struct rm_item *item)
{
    for (uint32_t i = 0; i < plan->item_count; i++) {
        const RMX_ITEM *planned = &plan->items[i];

        if (planned->action == RMX_ACTION_NONE)
            continue;
        if (!planned->unit != !item->info.unit)
            continue;
        if (item->info.unit
                ? planned->manager_uid == item->info.manager_uid && !strcmp(planned->unit, item->info.unit)
                : rm_process_is_same(&planned->process, &item->info.process))
            return true;
    }
    return false;
}
