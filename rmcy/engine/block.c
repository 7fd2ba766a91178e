/* SPDX-License-Identifier: MIT
 *
 * An answer leaves as one block: the RMX_LIST, everything its pointers lead
 * to, and all strings behind it.  So the caller's free is one free(), and a
 * half-built answer never gets out.
 */
#include "collected.h"
#include "cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int rank(const struct rm_row *row)
{
    switch (row->info.ApplicationType) {
    case RmConsole:
        return 0;
    case RmService:
        return 1;
    default:
        return 2;
    }
}

static int compare_rows(const void *x, const void *y)
{
    const struct rm_row *a = x, *b = y;
    int ra = rank(a), rb = rank(b);
    if (ra != rb)
        return ra < rb ? -1 : 1;
    DWORD pa = a->info.Process.dwProcessId, pb = b->info.Process.dwProcessId;
    return pa < pb ? -1 : pa > pb;
}

/* The files that are spoken of, each once, by number. */
struct names {
    uint32_t *files;
    uint32_t count, missing, directories;
    size_t text;
};

static int compare_numbers(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    return a < b ? -1 : a > b;
}

static void each_once(struct names *n, const struct rm_resources *r)
{
    uint32_t kept = 0;

    if (n->count)
        qsort(n->files, n->count, sizeof(*n->files), compare_numbers);
    for (uint32_t i = 0; i < n->count; i++) {
        if (kept && n->files[kept - 1] == n->files[i])
            continue;
        n->files[kept++] = n->files[i];
        n->text += strlen(rm_resources_path(r, n->files[i])) + 1;
    }
    n->count = kept;
}

/* Where a file that is spoken of stands in the list of names. */
static uint32_t place_of(const struct names *n, uint32_t file)
{
    const uint32_t *found = bsearch(&file, n->files, n->count, sizeof(*n->files), compare_numbers);

    return (uint32_t)(found - n->files);
}

static int gather_names(const struct rm_answer *a, const struct rm_resources *r, struct names *ret)
{
    struct names n = {0};
    uint32_t files = rm_resources_file_count(r);
    for (size_t i = 0; i < a->use_count; i++)
        if (a->uses[i].file >= files)
            return -EINVAL;
    n.files = malloc((a->use_count + rm_resources_odd_count(r) + 1) * sizeof(*n.files));
    if (!n.files)
        return -ENOMEM;
    for (size_t i = 0; i < a->use_count; i++)
        n.files[n.count++] = a->uses[i].file;
    for (uint32_t i = 0; i < rm_resources_odd_count(r); i++) {
        uint32_t file = rm_resources_odd(r, i), flags = rm_resources_identity(r, file).flags;
        if (!rm_flags_missing(flags) && !(flags & RM_ID_DIRECTORY))
            continue;
        n.missing += rm_flags_missing(flags);
        n.directories += !!(flags & RM_ID_DIRECTORY);
        n.files[n.count++] = file;
    }
    each_once(&n, r);
    *ret = n;
    return 0;
}

struct pieces {
    RMX_LIST *list;
    RMX_APP *apps;
    RMX_USE *uses;
    const char **files;
    RM_PROCESS_INFO *rows;
    RMX_SKIP *skips;
    uint32_t *pids, *missing, *directories;
    char *text, *paths;
};

static struct pieces lay_out(struct rm_block *b, const struct rm_answer *a, const struct names *n)
{
    size_t skips = 0, pids = 0;
    for (size_t i = 0; i < RM_CAUSES; i++) {
        skips += a->skips[i].set;
        pids += a->skips[i].pid_count;
    }
    struct pieces p;
    p.list = RM_CUT(b, 1, RMX_LIST);
    p.apps = RM_CUT(b, a->row_count, RMX_APP);
    p.uses = RM_CUT(b, a->use_count, RMX_USE);
    p.files = RM_CUT(b, n->count + a->missing_count, const char *);
    p.rows = RM_CUT(b, a->row_count, RM_PROCESS_INFO);
    p.skips = RM_CUT(b, skips, RMX_SKIP);
    p.pids = RM_CUT(b, pids, uint32_t);
    p.missing = RM_CUT(b, n->missing + a->missing_count, uint32_t);
    p.directories = RM_CUT(b, n->directories, uint32_t);
    p.text = RM_CUT(b, a->text_size, char);
    p.paths = RM_CUT(b, n->text, char);
    return p;
}

static void fill_apps(const struct rm_answer *a, const struct names *n, const struct pieces *p)
{
    uint32_t use = 0;
    if (a->text_size)
        memcpy(p->text, a->text, a->text_size);
    for (size_t i = 0; i < a->row_count; i++) {
        const struct rm_row *row = &a->rows[i];
        p->rows[i] = row->info;
        p->apps[i] = (RMX_APP){
            .uid = row->uid,
            .manager_uid = row->manager_uid,
            .first_use = use,
            .use_count = row->use_count,
            .cause = row->cause,
            .exe = row->exe == RM_NO_TEXT ? NULL : p->text + row->exe,
            .unit = row->unit == RM_NO_TEXT ? NULL : p->text + row->unit,
        };
        for (uint32_t k = 0; k < row->use_count; k++) {
            p->uses[use] = a->uses[row->first_use + k];
            p->uses[use].file = place_of(n, p->uses[use].file);
            use++;
        }
    }
    p->list->rows = p->rows;
    p->list->apps = p->apps;
    p->list->app_count = (uint32_t)a->row_count;
    p->list->uses = p->uses;
    p->list->use_count = use;
}

static void fill_files(const struct rm_answer *a, const struct names *n, const struct rm_resources *r,
                       const struct pieces *p)
{
    char *path = p->paths;
    for (uint32_t i = 0; i < n->count; i++) {
        size_t size = strlen(rm_resources_path(r, n->files[i])) + 1;
        memcpy(path, rm_resources_path(r, n->files[i]), size);
        p->files[i] = path;
        path += size;
    }
    uint32_t missing = 0, directories = 0;
    for (uint32_t i = 0; i < rm_resources_odd_count(r); i++) {
        uint32_t file = rm_resources_odd(r, i), flags = rm_resources_identity(r, file).flags;
        if (rm_flags_missing(flags))
            p->missing[missing++] = place_of(n, file);
        if (flags & RM_ID_DIRECTORY)
            p->directories[directories++] = place_of(n, file);
    }
    for (size_t i = 0; i < a->missing_count; i++) {
        p->files[n->count + i] = p->text + a->missing[i];
        p->missing[missing++] = (uint32_t)(n->count + i);
    }
    p->list->files = p->files;
    p->list->file_count = (uint32_t)(n->count + a->missing_count);
    p->list->missing = p->missing;
    p->list->missing_count = missing;
    p->list->directories = p->directories;
    p->list->directory_count = directories;
}

static void fill_skips(const struct rm_answer *a, const struct pieces *p)
{
    RMX_LIST *list = p->list;
    for (uint32_t cause = 0; cause < RM_CAUSES; cause++) {
        const struct rm_skip *s = &a->skips[cause];
        if (!s->set)
            continue;
        p->skips[list->skip_count++] = (RMX_SKIP){
            .cause = cause,
            .count = s->count,
            .first_pid = list->pid_count,
            .pid_count = (uint32_t)s->pid_count,
        };
        if (s->pid_count)
            memcpy(p->pids + list->pid_count, s->pids, s->pid_count * sizeof(*s->pids));
        list->pid_count += (uint32_t)s->pid_count;
    }
    list->skips = p->skips;
    list->pids = p->pids;
    list->flags = RMX_LIST_TELLS_USES | (list->skip_count ? 0 : RMX_LIST_COMPLETE);
}

/* Once nothing can fail any more: the rows have them no longer. */
static void hand_out_pins(struct rm_answer *a, struct rm_pin **pins)
{
    for (size_t i = 0; i < a->row_count; i++) {
        pins[i] = a->rows[i].pin;
        a->rows[i].pin = NULL;
    }
}

int rm_answer_finish_take(struct rm_answer *a, const struct rm_resources *r, uint64_t nanoseconds,
                          const char *scanner, RMX_LIST **ret)
{
    return rm_answer_finish_pinned_take(a, r, nanoseconds, scanner, ret, NULL);
}

int rm_answer_finish_pinned_take(struct rm_answer *a, const struct rm_resources *r, uint64_t nanoseconds,
                                 const char *scanner, RMX_LIST **ret, struct rm_pin ***ret_pins)
{
    struct names names = {0};
    struct rm_pin **pins = NULL;
    int result = gather_names(a, r, &names);
    if (result < 0)
        goto out;
    if (ret_pins && !(pins = calloc(a->row_count + 1, sizeof(*pins)))) {
        result = -ENOMEM;
        goto out;
    }
    if (a->row_count)
        qsort(a->rows, a->row_count, sizeof(*a->rows), compare_rows);

    struct rm_block block = {0};
    lay_out(&block, a, &names);
    block = (struct rm_block){.base = calloc(1, block.used)};
    if (!block.base) {
        result = -ENOMEM;
        goto out;
    }
    struct pieces pieces = lay_out(&block, a, &names);
    pieces.list->size = sizeof(RMX_LIST);
    pieces.list->reboot_reasons = a->reboot_reasons;
    pieces.list->processes = a->counts.processes;
    pieces.list->descriptors = a->counts.descriptors;
    pieces.list->maps = a->counts.maps;
    pieces.list->retries = a->counts.retries;
    pieces.list->nanoseconds = nanoseconds;
    pieces.list->scanner = scanner;
    fill_apps(a, &names, &pieces);
    fill_files(a, &names, r, &pieces);
    fill_skips(a, &pieces);
    *ret = pieces.list;
    if (ret_pins) {
        hand_out_pins(a, pins);
        *ret_pins = pins;
        pins = NULL;
    }
out:
    free(pins);
    free(names.files);
    rm_answer_free(a);
    return result;
}
