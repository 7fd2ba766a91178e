/* SPDX-License-Identifier: MIT
 *
 * One pass over the processes for any number of files.  Each process is pinned
 * and read, then looked at again: if it has gone meanwhile it is gone, if it
 * runs another program it is read once more.  Processes that a read one may
 * have handed a file to by forking are found by listing again at the end.
 */
#include "pass.h"
#include "services.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 5 /* ours: times that one process is read before it is said to keep changing */
#define ROUNDS 3   /* ours: times that the list of processes is read */

static int compare_processes(const void *x, const void *y)
{
    const RM_UNIQUE_PROCESS *a = x, *b = y;
    if (a->dwProcessId != b->dwProcessId)
        return a->dwProcessId < b->dwProcessId ? -1 : 1;
    uint64_t sa = (uint64_t)a->ProcessStartTime.dwHighDateTime << 32 | a->ProcessStartTime.dwLowDateTime;
    uint64_t sb = (uint64_t)b->ProcessStartTime.dwHighDateTime << 32 | b->ProcessStartTime.dwLowDateTime;
    return sa < sb ? -1 : sa > sb;
}

static bool is_registered(const struct rm_pass *p, const struct rm_pidref *ref)
{
    RM_UNIQUE_PROCESS process = rm_pidref_process(ref);
    return p->registered_count && bsearch(&process, p->registered, p->registered_count, sizeof(process),
                                          compare_processes);
}

/* One reading of one process, as far as the answer wants it. */
struct reading {
    struct rm_details details;
    struct rm_unit unit;
    bool in_unit, listed, denied;
};

static int read_unit(const struct rm_pass *p, const struct rm_pidref *ref, struct rm_unit *ret, bool *ret_in)
{
    int r = p->way->units ? rm_unit_read(ref->dir, ret) : -ENOENT;
    /* ENOENT also stands for a kernel without control groups, and for a process that is just going: the look at
     * stat that follows tells. */
    if (r < 0 && r != -ENOENT)
        return r;
    *ret_in = r == 0;
    return 0;
}

static int read_process(struct rm_pass *p, const struct rm_pidref *ref, struct rm_inode *ret_exe, struct reading *d)
{
    struct rm_inode exe = {0};
    bool know_unit = false;
    int r;
    p->found_count = 0;
    p->unsure = d->in_unit = d->denied = false;
    p->descriptors = p->maps = 0;
    if (p->files) {
        r = rm_tasks_read(p, ref, &exe);
        if (r == -EACCES || r == -EPERM)
            d->denied = true;
        else if (r < 0)
            return r;
    }
    d->listed = p->found_count || is_registered(p, ref);
    if (!d->listed && rm_resources_service_count(p->scan->resources)) {
        r = read_unit(p, ref, &d->unit, &d->in_unit);
        if (r < 0)
            return r;
        know_unit = true;
        d->listed = d->in_unit && rm_services_has(p->services, &d->unit);
    }
    if (d->listed) {
        r = know_unit ? 0 : read_unit(p, ref, &d->unit, &d->in_unit);
        if (r == 0 && !p->files) {
            r = rm_tasks_exe(p, ref, &exe);
            r = r == -EACCES || r == -EPERM ? 0 : r;
        }
        if (r == 0)
            r = rm_details_read(p, ref, &exe, d->in_unit ? &d->unit : NULL, &d->details);
        if (r < 0)
            return r;
    }
    *ret_exe = exe;
    return 0;
}

/* 0: it is as it was; -EAGAIN: it is not; -ESRCH: it has gone. */
static int look_again(struct rm_pass *p, struct rm_pidref *ref, const struct rm_inode *exe, bool compare)
{
    struct rm_inode now;
    bool ended = rm_stat_ended(&ref->stat), exiting = ref->stat.exiting;
    int r = rm_pidref_refresh(ref);
    if (r < 0)
        return r;
    if (rm_pidref_ended(ref))
        return -ESRCH;
    if (ended != rm_stat_ended(&ref->stat) || exiting != ref->stat.exiting)
        return -EAGAIN;
    if (!compare)
        return 0;
    r = rm_tasks_exe(p, ref, &now);
    if (r == -ENODATA)
        return -ESRCH;
    if (r < 0)
        return r == -ENOMEM ? r : -EAGAIN;
    return rm_identity_equal(&now.id, &exe->id) ? 0 : -EAGAIN;
}

static int add(struct rm_pass *p, const struct reading *d)
{
    struct rm_program program = d->details.program;
    const char *title = NULL;
    int r = program.type == RmService ? rm_services_title(p->services, &d->unit, &title) : 0;
    if (title)
        program.name = title;
    if (d->in_unit)
        rm_services_saw(p->services, &d->unit);
    if (r == 0)
        r = rm_answer_add_program(p->answer, &program);
    for (size_t i = 0; r == 0 && i < p->found_count; i++) {
        const struct rm_found *f = &p->found[i];
        r = rm_answer_add_use(p->answer, f->file, f->kind, f->deleted, f->device, f->inode);
    }
    if (r == 0)
        rm_answer_add_reason(p->answer, d->details.reason);
    return r;
}

static int conclude(struct rm_pass *p, const struct rm_pidref *ref, const struct reading *d)
{
    int r = 0;
    p->counts->processes += !d->denied;
    p->counts->descriptors += p->descriptors;
    p->counts->maps += p->maps;
    if (d->denied)
        r = rm_answer_add_skip(p->answer, RMX_SKIP_PERMISSION, ref->pid);
    if (r == 0 && p->unsure)
        r = rm_answer_add_skip(p->answer, RMX_SKIP_UNCERTAIN, ref->pid);
    return r == 0 && d->listed ? add(p, d) : r;
}

static int scan_pinned(struct rm_pass *p, struct rm_pidref *ref)
{
    struct reading d;
    struct rm_inode exe = {0};
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        p->counts->retries += attempt > 0;
        int r = rm_wait_check(p->scan->wait);
        if (r < 0)
            return r;
        r = read_process(p, ref, &exe, &d);
        if (r == -ENODATA)
            return 0;
        if (r == -ENOMEM)
            return r;
        int again = look_again(p, ref, &exe, r == 0 && exe.id.inode);
        if (again == -ESRCH)
            return 0;
        if (again == -ENOMEM)
            return again;
        if (r == 0 && again == 0)
            return conclude(p, ref, &d);
        if (r < 0 && r != -EAGAIN && r != -ENOENT && r != -ESRCH)
            return rm_answer_add_skip(p->answer, RMX_SKIP_ERROR, ref->pid);
    }
    return rm_answer_add_skip(p->answer, RMX_SKIP_CHANGING, ref->pid);
}

/* Is it a process of the caller's effective user?  Directories belong to the effective user of the process, or to
 * root if it may not be dumped. */
static bool mine(const struct rm_pass *p, int dir)
{
    struct rm_status status;
    struct stat st;
    if (fstat(dir, &st) == 0 && st.st_uid && st.st_uid != p->uid)
        return false;
    return rm_status_read(dir, &status) < 0 || status.effective_uid == p->uid;
}

/* Not even its directory opens: the mount has hidepid=1. */
static int scan_hidden(struct rm_pass *p, uint32_t pid)
{
    char name[16];
    struct stat st;
    snprintf(name, sizeof(name), "%u", pid);
    if (!p->files)
        return 0;
    if (p->scan->flags & RMX_GET_MINE && fstatat(p->proc.fd, name, &st, 0) == 0 && st.st_uid && st.st_uid != p->uid)
        return 0;
    return rm_answer_add_skip(p->answer, RMX_SKIP_PERMISSION, pid);
}

/* A process that somebody may hold files in, and that was asked about? */
static bool is_wanted(const struct rm_pass *p, const struct rm_pidref *ref)
{
    struct rm_status status;
    if (ref->stat.kernel_thread || rm_pidref_ended(ref))
        return false;
    if (p->by_number && (rm_status_read(ref->dir, &status) < 0 || status.tgid != ref->pid))
        return false;
    return !(p->scan->flags & RMX_GET_MINE) || mine(p, ref->dir);
}

static int scan_process(struct rm_pass *p, uint32_t pid)
{
    struct rm_pidref ref;
    if (p->scan->flags & RMX_GET_SKIP_SELF && pid == p->proc.self)
        return 0;
    int r = rm_pidref_open(p->proc.fd, pid, &ref);
    if (r == -ESRCH)
        return 0;
    if (r == -EACCES || r == -EPERM)
        return scan_hidden(p, pid);
    if (r < 0)
        return r == -ENOMEM ? r : rm_answer_add_skip(p->answer, RMX_SKIP_ERROR, pid);
    if (is_wanted(p, &ref))
        r = scan_pinned(p, &ref);
    rm_pidref_done(&ref);
    return r;
}

struct pids {
    uint32_t *ids;
    size_t count, space;
};

static int list_pids(int proc, struct pids *t)
{
    struct rm_entries entries;
    const char *name;
    uint32_t pid;
    int r = rm_entries_open(&entries, proc, ".");
    if (r < 0)
        return r;
    t->count = 0;
    while ((r = rm_entries_next(&entries, &name, &pid)) > 0) {
        if (t->count == t->space) {
            size_t space = t->space ? t->space * 2 : 1024;
            uint32_t *larger = reallocarray(t->ids, space, sizeof(*larger));
            if (!larger) {
                r = -ENOMEM;
                break;
            }
            t->ids = larger;
            t->space = space;
        }
        t->ids[t->count++] = pid;
    }
    rm_entries_done(&entries);
    return r;
}

static int compare_pids(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

static int scan_all(struct rm_pass *p)
{
    struct pids now = {0}, before = {0};
    bool news = true;
    int r = 0;
    for (int round = 0; r == 0 && news && round < ROUNDS; round++) {
        r = list_pids(p->proc.fd, &now);
        if (r < 0)
            break;
        if (now.count)
            qsort(now.ids, now.count, sizeof(*now.ids), compare_pids);
        news = false;
        for (size_t i = 0; r == 0 && i < now.count; i++) {
            if (before.count && bsearch(&now.ids[i], before.ids, before.count, sizeof(*before.ids), compare_pids))
                continue;
            news = true;
            r = scan_process(p, now.ids[i]);
        }
        p->counts->retries += round > 0 && news;
        struct pids swap = before;
        before = now;
        now = swap;
    }
    free(now.ids);
    free(before.ids);
    return r;
}

/* Only processes were registered: no others can be in the answer. */
static int scan_registered(struct rm_pass *p)
{
    int r = 0;
    p->by_number = true;
    for (uint32_t i = 0; r == 0 && i < p->registered_count; i++)
        if (i == 0 || p->registered[i].dwProcessId != p->registered[i - 1].dwProcessId)
            r = scan_process(p, p->registered[i].dwProcessId);
    return r;
}

static int copy_registered(struct rm_pass *p)
{
    uint32_t count = rm_resources_process_count(p->scan->resources);
    if (!count)
        return 0;
    p->registered = calloc(count, sizeof(*p->registered));
    if (!p->registered)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        p->registered[i] = *rm_resources_process(p->scan->resources, i);
    p->registered_count = count;
    qsort(p->registered, count, sizeof(*p->registered), compare_processes);
    return 0;
}

int rm_pass_run(const struct rm_scan *scan, const struct rm_way *way, struct rm_answer *answer)
{
    struct rm_pass p = {
        .scan = scan,
        .way = way,
        .proc = {.fd = -1},
        .answer = answer,
        .counts = rm_answer_counts(answer),
        .uid = geteuid(),
        .files = rm_resources_file_count(scan->resources) > rm_resources_odd_count(scan->resources),
    };
    int r = rm_procfs_open(way->proc, &p.proc);
    if (r < 0)
        goto out;
    if (rm_procfs_hides(&p.proc)) {
        r = rm_answer_add_skip(answer, RMX_SKIP_NAMESPACE, 0);
        if (r < 0)
            goto out;
    }
    r = copy_registered(&p);
    if (r == 0)
        r = rm_services_new(&p, &p.services);
    if (r < 0)
        goto out;
    p.no_signal_query = !rm_details_can_ask(&p);
    r = p.files || rm_resources_service_count(scan->resources) ? scan_all(&p) : scan_registered(&p);
    if (r == 0)
        r = rm_services_conclude(p.services, answer);
out:
    rm_services_free(p.services);
    rm_procfs_done(&p.proc);
    free(p.registered);
    free(p.found);
    return r;
}
