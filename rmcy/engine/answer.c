/* SPDX-License-Identifier: MIT
 *
 * An answer is collected in arrays that grow and leaves as one block: the
 * RMX_LIST, everything its pointers lead to, and all strings behind it.  So
 * the caller's free is one free(), and a half-built answer never gets out.
 *
 * Not thread-safe; an answer belongs to one call.
 */
#include "answer.h"

#include "filter.h"
#include "text.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CAUSES (RMX_SKIP_FILE + 1)
#define KINDS (RMX_USE_EXECUTABLE + 1)
#define NO_TEXT UINT32_MAX
/* Ours: an incomplete answer names this many processes of a cause and counts the others. */
#define PIDS_MAX 4096

struct row {
    RM_PROCESS_INFO info;
    uint32_t uid, manager_uid, first_use, use_count, exe, unit;
};

struct skip {
    uint32_t *pids;
    size_t pid_count, pid_space;
    uint32_t count;
    bool set;
};

/* A file and a kind, and the last program (counted from 1; 0: a free place) that was said to use it so. */
struct seen {
    uint32_t file, kind, program;
};

struct rm_answer {
    struct row *rows;
    size_t row_count, row_space;
    RMX_USE *uses;
    size_t use_count, use_space;
    char *text;
    size_t text_size, text_space;
    struct seen *seen; /* open addressing: as large as what is in use asks for, however many are registered */
    size_t seen_count, seen_space;
    struct skip skips[CAUSES];
    uint32_t *missing; /* in text */
    size_t missing_count, missing_space;
    uint32_t reboot_reasons;
    struct rm_answer_counts counts;
    const struct rm_filters *filters; /* or NULL */
};

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
    for (size_t i = 0; i < CAUSES; i++)
        free(a->skips[i].pids);
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

static int add_text(struct rm_answer *a, const char *text, uint32_t *ret)
{
    if (!text) {
        *ret = NO_TEXT;
        return 0;
    }
    size_t size = strlen(text) + 1;
    if (size >= NO_TEXT - a->text_size)
        return -ENOMEM;
    int r = grow((void **)&a->text, &a->text_space, a->text_size + size, 1);
    if (r < 0)
        return r;
    memcpy(a->text + a->text_size, text, size);
    *ret = (uint32_t)a->text_size;
    a->text_size += size;
    return 0;
}

/* The header has a name for services only, not for scopes and other units. */
static bool is_service(const char *unit)
{
    static const char suffix[] = ".service";
    size_t length = unit ? strlen(unit) : 0;
    return length >= sizeof(suffix) && strcmp(unit + length - (sizeof(suffix) - 1), suffix) == 0;
}

int rm_answer_add_program(struct rm_answer *a, const struct rm_program *program)
{
    if (a->row_count >= UINT32_MAX - 1)
        return -ENOMEM;
    int r = grow((void **)&a->rows, &a->row_space, a->row_count + 1, sizeof(*a->rows));
    if (r < 0)
        return r;
    struct row *row = &a->rows[a->row_count];
    *row = (struct row){
        .info = {
            .Process = program->process,
            .ApplicationType = program->type,
            .AppStatus = program->status | (a->filters ? rm_filters_status(a->filters, program) : 0),
            .TSSessionId = program->ts_session,
            .bRestartable = program->restartable,
        },
        .uid = program->uid,
        .manager_uid = program->manager_uid,
        .first_use = (uint32_t)a->use_count,
    };
    r = add_text(a, program->exe, &row->exe);
    if (r < 0)
        return r;
    r = add_text(a, program->unit, &row->unit);
    if (r < 0)
        return r;
    rm_text_from_bytes(program->name, row->info.strAppName, CCH_RM_MAX_APP_NAME);
    if (is_service(program->unit))
        rm_text_from_bytes(program->unit, row->info.strServiceShortName, CCH_RM_MAX_SVC_NAME);
    a->row_count++;
    return 0;
}

static struct seen *seen_find(const struct rm_answer *a, uint32_t file, uint32_t kind)
{
    size_t at = ((uint64_t)file * KINDS + kind) * 0x9E3779B97F4A7C15u >> 32;

    for (;; at++) {
        struct seen *s = &a->seen[at & (a->seen_space - 1)];
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
    if (!a->row_count || kind >= KINDS || a->use_count >= UINT32_MAX - 1)
        return -EINVAL;
    int r = seen_reserve(a);
    if (r < 0)
        return r;
    struct seen *seen = seen_find(a, file, kind);
    if (seen->program == a->row_count)
        return 0;
    r = grow((void **)&a->uses, &a->use_space, a->use_count + 1, sizeof(*a->uses));
    if (r < 0)
        return r;
    a->uses[a->use_count++] =
        (RMX_USE){.file = file, .kind = kind, .deleted = deleted, .device = device, .inode = inode};
    a->rows[a->row_count - 1].use_count++;
    a->seen_count += !seen->program;
    *seen = (struct seen){.file = file, .kind = kind, .program = (uint32_t)a->row_count};
    return 0;
}

int rm_answer_add_skip(struct rm_answer *a, uint32_t cause, uint32_t pid)
{
    if (cause >= CAUSES)
        return -EINVAL;
    struct skip *s = &a->skips[cause];
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

static int rank(const struct row *row)
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
    const struct row *a = x, *b = y;
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
        if (!(flags & (RM_ID_MISSING | RM_ID_DIRECTORY)))
            continue;
        n.missing += !!(flags & RM_ID_MISSING);
        n.directories += !!(flags & RM_ID_DIRECTORY);
        n.files[n.count++] = file;
    }
    each_once(&n, r);
    *ret = n;
    return 0;
}

/* The block, cut up in order of falling alignment; strings come last. */
struct block {
    char *base;
    size_t used;
};

static void *cut(struct block *b, size_t count, size_t item, size_t align)
{
    b->used = (b->used + align - 1) / align * align;
    void *piece = b->base ? b->base + b->used : NULL;
    b->used += count * item;
    return piece;
}

#define CUT(block, count, type) ((type *)cut((block), (count), sizeof(type), alignof(type)))

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

static struct pieces lay_out(struct block *b, const struct rm_answer *a, const struct names *n)
{
    size_t skips = 0, pids = 0;
    for (size_t i = 0; i < CAUSES; i++) {
        skips += a->skips[i].set;
        pids += a->skips[i].pid_count;
    }
    struct pieces p;
    p.list = CUT(b, 1, RMX_LIST);
    p.apps = CUT(b, a->row_count, RMX_APP);
    p.uses = CUT(b, a->use_count, RMX_USE);
    p.files = CUT(b, n->count + a->missing_count, const char *);
    p.rows = CUT(b, a->row_count, RM_PROCESS_INFO);
    p.skips = CUT(b, skips, RMX_SKIP);
    p.pids = CUT(b, pids, uint32_t);
    p.missing = CUT(b, n->missing + a->missing_count, uint32_t);
    p.directories = CUT(b, n->directories, uint32_t);
    p.text = CUT(b, a->text_size, char);
    p.paths = CUT(b, n->text, char);
    return p;
}

static void fill_apps(const struct rm_answer *a, const struct names *n, const struct pieces *p)
{
    uint32_t use = 0;
    if (a->text_size)
        memcpy(p->text, a->text, a->text_size);
    for (size_t i = 0; i < a->row_count; i++) {
        const struct row *row = &a->rows[i];
        p->rows[i] = row->info;
        p->apps[i] = (RMX_APP){
            .uid = row->uid,
            .manager_uid = row->manager_uid,
            .first_use = use,
            .use_count = row->use_count,
            .exe = row->exe == NO_TEXT ? NULL : p->text + row->exe,
            .unit = row->unit == NO_TEXT ? NULL : p->text + row->unit,
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
        if (flags & RM_ID_MISSING)
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
    for (uint32_t cause = 0; cause < CAUSES; cause++) {
        const struct skip *s = &a->skips[cause];
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

int rm_answer_finish_take(struct rm_answer *a, const struct rm_resources *r, uint64_t nanoseconds,
                          const char *scanner, RMX_LIST **ret)
{
    struct names names = {0};
    int result = gather_names(a, r, &names);
    if (result < 0)
        goto out;
    if (a->row_count)
        qsort(a->rows, a->row_count, sizeof(*a->rows), compare_rows);

    struct block block = {0};
    lay_out(&block, a, &names);
    block = (struct block){.base = calloc(1, block.used)};
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
out:
    free(names.files);
    rm_answer_free(a);
    return result;
}
