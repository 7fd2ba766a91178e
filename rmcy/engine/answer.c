/* SPDX-License-Identifier: MIT
 *
 * An answer is collected in arrays that grow; block.c makes of them what leaves.
 *
 * Not thread-safe; an answer belongs to one call.
 */
#include "collected.h"
#include "filter.h"
#include "host.h"
#include "ledger.h"
#include "pin.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Ours: an incomplete answer names this many processes of a cause and counts the others. */
#define PIDS_MAX 4096

static int grow(void **array, size_t *space, size_t needed, size_t item)
{
    if (needed <= *space)
        return 0;
    size_t larger = *space ? *space : 16;
    while (larger < needed) {
        if (larger > SIZE_MAX / 2 / item)
            return -ENOMEM;
        larger *= 2;
    }
    void *bigger = realloc(*array, larger * item);
    if (!bigger)
        return -ENOMEM;
    *array = bigger;
    *space = larger;
    return 0;
}

int rm_answer_new(struct rm_answer **ret)
{
    struct rm_answer *a = calloc(1, sizeof(*a));
    if (!a)
        return -ENOMEM;
    *ret = a;
    return 0;
}

void rm_answer_free(struct rm_answer *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < RM_CAUSES; i++)
        free(a->skips[i].pids);
    for (size_t i = 0; i < a->row_count; i++)
        rm_host_pin_free(a->rows[i].pin);
    free(a->rows);
    free(a->uses);
    free(a->text);
    free(a->seen);
    free(a->missing);
    free(a);
}

void rm_answer_set_filters(struct rm_answer *a, const struct rm_filters *filters)
{
    a->filters = filters;
}

void rm_answer_set_history(struct rm_answer *a, struct rm_ledger *history)
{
    a->history = history;
}

static int add_text(struct rm_answer *a, const char *text, uint32_t *ret)
{
    if (!text) {
        *ret = RM_NO_TEXT;
        return 0;
    }
    size_t size = strlen(text) + 1;
    if (size >= RM_NO_TEXT - a->text_size)
        return -ENOMEM;
    int r = grow((void **)&a->text, &a->text_space, a->text_size + size, 1);
    if (r < 0)
        return r;
    memcpy(a->text + a->text_size, text, size);
    *ret = (uint32_t)a->text_size;
    a->text_size += size;
    return 0;
}

int rm_answer_add_program(struct rm_answer *a, const struct rm_program *program)
{
    if (a->row_count >= UINT32_MAX - 1)
        return -ENOMEM;
    int r = grow((void **)&a->rows, &a->row_space, a->row_count + 1, sizeof(*a->rows));
    if (r < 0)
        return r;
    struct rm_row *row = &a->rows[a->row_count];
    *row = (struct rm_row){
        .info = {
            .Process = program->process,
            .ApplicationType = program->type,
            .AppStatus = program->status | (a->filters ? rm_filters_status(a->filters, program) : 0) |
                         (a->history ? rm_ledger_status(a->history, program) : 0),
            .TSSessionId = program->ts_session,
            .bRestartable = program->restartable,
        },
        .uid = program->uid,
        .manager_uid = program->manager_uid,
        .first_use = (uint32_t)a->use_count,
        .cause = program->cause,
    };
    r = add_text(a, program->exe, &row->exe);
    if (r < 0)
        return r;
    r = add_text(a, program->unit, &row->unit);
    if (r < 0)
        return r;
    rm_text_from_bytes(program->name, row->info.strAppName, CCH_RM_MAX_APP_NAME);
    if (program->unit && rm_host_unit_is_service(program->unit)) /* the header has a name for services only */
        rm_text_from_bytes(program->unit, row->info.strServiceShortName, CCH_RM_MAX_SVC_NAME);
    a->row_count++;
    return 0;
}

static struct rm_seen_use *seen_find(const struct rm_answer *a, uint32_t file, uint32_t kind)
{
    size_t at = ((uint64_t)file * RM_KINDS + kind) * 0x9E3779B97F4A7C15u >> 32;

    for (;; at++) {
        struct rm_seen_use *s = &a->seen[at & (a->seen_space - 1)];
        if (!s->program || (s->file == file && s->kind == kind))
            return s;
    }
}

/* Room for one more, with at most half of the places taken. */
static int seen_reserve(struct rm_answer *a)
{
    struct rm_answer larger = {.seen_space = a->seen_space ? a->seen_space * 2 : 64};
    if ((a->seen_count + 1) * 2 <= a->seen_space)
        return 0;
    larger.seen = calloc(larger.seen_space, sizeof(*larger.seen));
    if (!larger.seen)
        return -ENOMEM;
    for (size_t i = 0; i < a->seen_space; i++)
        if (a->seen[i].program)
            *seen_find(&larger, a->seen[i].file, a->seen[i].kind) = a->seen[i];
    free(a->seen);
    a->seen = larger.seen;
    a->seen_space = larger.seen_space;
    return 0;
}

int rm_answer_add_use(struct rm_answer *a, uint32_t file, uint8_t kind, bool deleted, uint64_t device, uint64_t inode)
{
    if (!a->row_count || kind >= RM_KINDS || a->use_count >= UINT32_MAX - 1)
        return -EINVAL;
    int r = seen_reserve(a);
    if (r < 0)
        return r;
    struct rm_seen_use *seen = seen_find(a, file, kind);
    if (seen->program == a->row_count)
        return 0;
    r = grow((void **)&a->uses, &a->use_space, a->use_count + 1, sizeof(*a->uses));
    if (r < 0)
        return r;
    a->uses[a->use_count++] =
        (RMX_USE){.file = file, .kind = kind, .deleted = deleted, .device = device, .inode = inode};
    a->rows[a->row_count - 1].use_count++;
    a->seen_count += !seen->program;
    *seen = (struct rm_seen_use){.file = file, .kind = kind, .program = (uint32_t)a->row_count};
    return 0;
}

int rm_answer_add_pin_take(struct rm_answer *a, struct rm_pin *pin)
{
    if (!a->row_count || a->rows[a->row_count - 1].pin) {
        rm_host_pin_free(pin);
        return -EINVAL;
    }
    a->rows[a->row_count - 1].pin = pin;
    return 0;
}

int rm_answer_add_skip(struct rm_answer *a, uint32_t cause, uint32_t pid)
{
    if (cause >= RM_CAUSES)
        return -EINVAL;
    struct rm_skip *s = &a->skips[cause];
    if (pid && s->pid_count && s->pids[s->pid_count - 1] == pid)
        return 0;
    if (pid && s->pid_count < PIDS_MAX) {
        int r = grow((void **)&s->pids, &s->pid_space, s->pid_count + 1, sizeof(*s->pids));
        if (r < 0)
            return r;
        s->pids[s->pid_count++] = pid;
    }
    if ((pid || cause == RMX_SKIP_FILE) && s->count < UINT32_MAX)
        s->count++;
    s->set = true;
    return 0;
}

int rm_answer_add_missing(struct rm_answer *a, const char *name)
{
    int r = grow((void **)&a->missing, &a->missing_space, a->missing_count + 1, sizeof(*a->missing));
    if (r == 0)
        r = add_text(a, name, &a->missing[a->missing_count]);
    if (r == 0)
        a->missing_count++;
    return r;
}

void rm_answer_add_reason(struct rm_answer *a, uint32_t reboot_reason)
{
    a->reboot_reasons |= reboot_reason;
}

struct rm_answer_counts *rm_answer_counts(struct rm_answer *a)
{
    return &a->counts;
}
