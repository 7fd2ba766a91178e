/* SPDX-License-Identifier: MIT
 *
 * One process: it is pinned and read, then looked at again.  If it has gone
 * meanwhile it is gone; if it runs another program it is read once more.
 *
 * A worker does this, which may be left behind at any step.  What the answer
 * is made of is therefore handed over whole, within the lock, when the reading
 * is done.
 */
#include "pass.h"
#include "pinned.h"
#include "services.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 5         /* ours: times that one process is read before it is said to keep changing */
#define LEFT (-EOWNERDEAD) /* left behind: nobody wants to know any more.  No file system says that of a file. */

static bool is_registered(const struct rm_pass *p, const struct rm_pidref *ref)
{
    RM_UNIQUE_PROCESS process = rm_pidref_process(ref);
    return p->registered_count && bsearch(&process, p->registered, p->registered_count, sizeof(process),
                                          rm_pass_compare_processes);
}

/* One reading of one process, as far as the answer wants it. */
struct reading {
    struct rm_details details;
    struct rm_unit unit;
    bool in_unit, listed, denied;
    struct rm_pin *pin; /* or NULL; the same through all attempts */
};

/* Where programs are to be pinned, those that there is no descriptor left for must not be passed over. */
static bool ends_the_pass(const struct rm_pass *p, int r)
{
    return r == -ENOMEM || r == LEFT || (p->scan->pin && (r == -EMFILE || r == -ENFILE));
}

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
        if (!rm_worker_enter(p->worker))
            return LEFT;
        d->listed = d->in_unit && rm_services_has(p->services, &d->unit);
        rm_worker_leave(p->worker);
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
    /* Nothing is known of the pin until the look that follows. */
    return d->listed && p->scan->pin && !d->pin ? rm_pin_open(ref, &d->pin) : 0;
}

/* 0: it is as it was; -EAGAIN: it is not; -ESRCH: it has gone. */
static int look_again(struct rm_pass *p, struct rm_pidref *ref, const struct rm_inode *exe, bool compare)
{
    struct rm_inode now;
    bool ended = rm_stat_ended(&ref->stat), exiting = ref->stat.exiting;
    uint64_t stack = ref->stat.stack;
    int r = rm_pidref_refresh(ref);
    if (r < 0)
        return r;
    if (rm_pidref_ended(ref))
        return -ESRCH;
    if (ended != rm_stat_ended(&ref->stat) || exiting != ref->stat.exiting)
        return -EAGAIN;
    /* It executed something, be it what it was before: a program can go to another and back while it is read. */
    if (stack != ref->stat.stack)
        return -EAGAIN;
    if (!compare)
        return 0;
    r = rm_tasks_exe(p, ref, &now);
    if (r == -ENODATA)
        return -ESRCH;
    if (r < 0)
        return ends_the_pass(p, r) ? r : -EAGAIN;
    return rm_identity_equal(&now.id, &exe->id) ? 0 : -EAGAIN;
}

/* Within the lock. */
static int add(struct rm_pass *p, struct reading *d)
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
    if (r == 0 && d->pin) {
        r = rm_answer_add_pin_take(p->answer, d->pin);
        d->pin = NULL;
    }
    for (size_t i = 0; r == 0 && i < p->found_count; i++) {
        const struct rm_found *f = &p->found[i];
        r = rm_answer_add_use(p->answer, f->file, f->kind, f->deleted, f->device, f->inode);
    }
    if (r == 0)
        rm_answer_add_reason(p->answer, d->details.reason);
    return r;
}

/* Within the lock. */
static int conclude(struct rm_pass *p, const struct rm_pidref *ref, struct reading *d)
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

static int hand_over(struct rm_pass *p, const struct rm_pidref *ref, struct reading *d, int attempts)
{
    if (!rm_worker_enter(p->worker))
        return LEFT;
    p->counts->retries += (uint64_t)attempts;
    int r = conclude(p, ref, d);
    rm_worker_leave(p->worker);
    return r;
}

static int skip(struct rm_pass *p, uint32_t cause, uint32_t pid)
{
    if (!rm_worker_enter(p->worker))
        return LEFT;
    int r = rm_answer_add_skip(p->answer, cause, pid);
    rm_worker_leave(p->worker);
    return r;
}

static int vanished(struct rm_pass *p)
{
    p->vanished = true;
    return 0;
}

static int read_until_steady(struct rm_pass *p, struct rm_pidref *ref, struct reading *d)
{
    struct rm_inode exe = {0};
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (rm_worker_is_left(p->worker))
            return LEFT;
        int r = read_process(p, ref, &exe, d);
        if (r == -ENODATA)
            return vanished(p);
        if (ends_the_pass(p, r))
            return r;
        int again = look_again(p, ref, &exe, r == 0 && exe.id.inode);
        if (again == -ESRCH)
            return vanished(p);
        if (ends_the_pass(p, again))
            return again;
        if (r == 0 && again == 0)
            return hand_over(p, ref, d, attempt);
        if (r < 0 && r != -EAGAIN && r != -ENOENT && r != -ESRCH)
            return skip(p, RMX_SKIP_ERROR, ref->pid);
    }
    if (rm_worker_enter(p->worker)) {
        p->counts->retries += ATTEMPTS - 1;
        rm_worker_leave(p->worker);
    }
    return skip(p, RMX_SKIP_CHANGING, ref->pid);
}

static int scan_pinned(struct rm_pass *p, struct rm_pidref *ref)
{
    struct reading d;
    d.pin = NULL;
    int r = read_until_steady(p, ref, &d);
    rm_host_pin_free(d.pin); /* unless the answer has it */
    return r;
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
    return skip(p, RMX_SKIP_PERMISSION, pid);
}

/* A process that somebody may hold files in, and that was asked about? */
static bool is_wanted(const struct rm_pass *p, const struct rm_pidref *ref)
{
    struct rm_status status;
    if (ref->stat.kernel_thread)
        return false;
    if (p->by_number && (rm_status_read(ref->dir, &status) < 0 || status.tgid != ref->pid))
        return false;
    return !(p->scan->flags & RMX_GET_MINE) || mine(p, ref->dir);
}

static int begin(struct rm_pass *p, struct rm_pidref *ref)
{
    if (!rm_worker_enter(p->worker))
        return LEFT;
    rm_worker_at(p->worker, ref->pid, ref->stat.start, NULL);
    rm_worker_leave(p->worker);
    return scan_pinned(p, ref);
}

int rm_reading_do(struct rm_pass *p, uint32_t pid)
{
    struct rm_pidref ref;
    if (p->scan->flags & RMX_GET_SKIP_SELF && pid == p->proc.self)
        return 0;
    int r = rm_pidref_open(p->proc.fd, pid, &ref);
    if (r == -ESRCH)
        return vanished(p);
    if (r == -EACCES || r == -EPERM)
        return scan_hidden(p, pid);
    if (r < 0)
        return ends_the_pass(p, r) ? r : skip(p, RMX_SKIP_ERROR, pid);
    if (rm_pidref_ended(&ref))
        r = vanished(p);
    else if (is_wanted(p, &ref))
        r = rm_stuck_is_process(pid, ref.stat.start) ? skip(p, RMX_SKIP_BLOCKED, pid) : begin(p, &ref);
    rm_pidref_done(&ref);
    return r;
}
