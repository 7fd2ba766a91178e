/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include "text.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void rm_filters_done(struct rm_filters *filters)
{
    for (size_t i = 0; i < filters->count; i++)
        free((char *)(uintptr_t)filters->items[i].name);
    free(filters->items);
    *filters = (struct rm_filters){0};
}

static bool same_process(const RM_UNIQUE_PROCESS *a, const RM_UNIQUE_PROCESS *b)
{
    return a->dwProcessId == b->dwProcessId &&
           a->ProcessStartTime.dwLowDateTime == b->ProcessStartTime.dwLowDateTime &&
           a->ProcessStartTime.dwHighDateTime == b->ProcessStartTime.dwHighDateTime;
}

static struct rm_filter *find(const struct rm_filters *filters, const struct rm_filter *target)
{
    for (size_t i = 0; i < filters->count; i++) {
        struct rm_filter *f = &filters->items[i];

        if (f->trigger == target->trigger &&
            (f->trigger == RmFilterTriggerProcess ? same_process(&f->process, &target->process)
                                                  : !strcmp(f->name, target->name)))
            return f;
    }
    return NULL;
}

int rm_filters_set(struct rm_filters *filters, const struct rm_filter *filter)
{
    struct rm_filter *known = find(filters, filter);
    char *name = NULL;

    if (known) {
        known->action = filter->action;
        known->module = filter->module;
        return 0;
    }
    if (filters->count == filters->capacity) {
        size_t capacity = filters->capacity * 2 + 8;
        struct rm_filter *items = realloc(filters->items, capacity * sizeof *items);

        if (!items)
            return -ENOMEM;
        filters->items = items;
        filters->capacity = capacity;
    }
    if (filter->name) {
        size_t size = strlen(filter->name) + 1;

        name = malloc(size);
        if (!name)
            return -ENOMEM;
        memcpy(name, filter->name, size);
    }
    filters->items[filters->count] = *filter;
    filters->items[filters->count++].name = name;
    return 0;
}

int rm_filters_remove(struct rm_filters *filters, const struct rm_filter *target)
{
    struct rm_filter *known = find(filters, target);

    if (!known)
        return -ENOENT;
    free((char *)(uintptr_t)known->name);
    filters->count--;
    memmove(known, known + 1, (size_t)(filters->items + filters->count - known) * sizeof *known);
    return 0;
}

/* A service may be named without its suffix, as people do. */
static bool is_unit(const char *unit, const char *name)
{
    size_t n = strlen(name);

    return unit && !strncmp(unit, name, n) && (!unit[n] || !strcmp(unit + n, ".service"));
}

bool rm_program_runs(const struct rm_program *program, const char *path, const struct rm_identity *module)
{
    return (program->exe && !strcmp(program->exe, path)) ||
           (!rm_identity_is_odd(module) && rm_identity_equal(module, &program->exe_identity));
}

static bool matches(const struct rm_filter *f, const struct rm_program *program)
{
    switch (f->trigger) {
    case RmFilterTriggerProcess:
        return same_process(&f->process, &program->process);
    case RmFilterTriggerService:
        return is_unit(program->unit, f->name);
    case RmFilterTriggerFile:
        return rm_program_runs(program, f->name, &f->module);
    default:
        return false;
    }
}

ULONG rm_filters_status(const struct rm_filters *filters, const struct rm_program *program)
{
    static const RM_FILTER_TRIGGER order[] = {RmFilterTriggerProcess, RmFilterTriggerService, RmFilterTriggerFile};

    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < filters->count; i++) {
            const struct rm_filter *f = &filters->items[i];

            if (f->trigger == order[o] && matches(f, program))
                return f->action == RmNoShutdown ? RmStatusShutdownMasked : RmStatusRestartMasked;
        }
    return 0;
}

/* A name becomes at most as many UTF-16 units as it has bytes. */
static size_t record_size(const struct rm_filter *f)
{
    size_t size = sizeof(RM_FILTER_INFO) + (f->name ? (strlen(f->name) + 1) * sizeof(WCHAR) : 0);
    size_t alignment = alignof(RM_FILTER_INFO);

    return (size + alignment - 1) / alignment * alignment;
}

size_t rm_filters_packed_size(const struct rm_filters *filters)
{
    size_t size = 0;

    for (size_t i = 0; i < filters->count; i++)
        size += record_size(&filters->items[i]);
    return size;
}

void rm_filters_pack(const struct rm_filters *filters, void *to)
{
    uint8_t *at = to;

    for (size_t i = 0; i < filters->count; i++) {
        const struct rm_filter *f = &filters->items[i];
        size_t size = record_size(f);
        RM_FILTER_INFO info = {.FilterAction = f->action, .FilterTrigger = f->trigger};
        WCHAR *name = (WCHAR *)(void *)(at + sizeof info);

        if (i + 1 < filters->count)
            info.cbNextOffset = (DWORD)size;
        if (f->trigger == RmFilterTriggerProcess)
            info.Process = f->process;
        else
            info.strFilename = name;
        if (f->name)
            rm_text_from_bytes(f->name, name, strlen(f->name));
        /* Bytes to the compiler, records to the caller. */
        memcpy(at, &info, sizeof info);
        at += size;
    }
}
