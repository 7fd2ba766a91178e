/* SPDX-License-Identifier: MIT
 *
 * The threads of a process share its memory, and nearly always its table of
 * descriptors; kcmp tells.  A process whose first thread has ended shows
 * nothing in its own directory: its living threads do.
 *
 * System calls for a process with one thread, F descriptors and M maps that
 * files back: exe 1, fd 4 (open, two getdents64, close) + F, maps 3 (open,
 * close, the ioctl that finds no more) + M; by text the maps take one read a
 * page of text instead.  scan.c adds 9: directory and stat opened and closed,
 * stat read before and after (two reads each), and exe asked again.  So it is
 * 17 + F + M; a program that is listed takes 10 to 14 more, once.
 */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KCMP_FILES 2 /* of linux/kcmp.h */

struct tids {
    uint32_t *ids;
    size_t count, space;
};

static int list_tids(int dir, struct tids *ret)
{
    struct tids t = {0};
    struct rm_entries entries;
    const char *name;
    uint32_t tid;
    int r = rm_entries_open(&entries, dir, "task");
    if (r < 0)
        return r;
    while ((r = rm_entries_next(&entries, &name, &tid)) > 0) {
        if (t.count == t.space) {
            size_t space = t.space ? t.space * 2 : 64;
            uint32_t *larger = reallocarray(t.ids, space, sizeof(*larger));
            if (!larger) {
                r = -ENOMEM;
                break;
            }
            t.ids = larger;
            t.space = space;
        }
        t.ids[t.count++] = tid;
    }
    rm_entries_done(&entries);
    if (r < 0) {
        free(t.ids);
        return r;
    }
    *ret = t;
    return 0;
}

/* The first thread that lives: what it has stands for the process.  range_dir is its directory in the root of
 * /proc, for only there is map_files. */
struct base {
    uint32_t tid;
    int dir, range_dir;
    bool own; /* dir and range_dir are to be closed */
};

static void base_done(struct base *b)
{
    if (!b->own)
        return;
    if (b->dir >= 0)
        close(b->dir);
    if (b->range_dir >= 0)
        close(b->range_dir);
}

static int open_task(const struct rm_pass *p, const struct rm_pidref *ref, uint32_t tid, struct base *ret)
{
    struct base b = {.tid = tid, .dir = -1, .range_dir = -1, .own = true};
    char name[32], text[RM_STAT_SIZE];
    struct rm_stat stat;
    int r;
    snprintf(name, sizeof(name), "%u", tid);
    b.range_dir = openat(p->proc.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(name, sizeof(name), "task/%u", tid);
    /* Opened second: that it is there proves that the number belonged to this process when the first was opened,
     * or else that first one leads nowhere. */
    b.dir = openat(ref->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r = b.dir < 0 ? -errno : 0;
    if (r == 0) {
        long n = rm_procfs_read(b.dir, "stat", text, sizeof(text));
        r = n < 0 ? (int)n : rm_stat_parse(text, (size_t)n, &stat);
    }
    if (r == 0 && rm_stat_ended(&stat))
        r = -ESRCH;
    if (r < 0) {
        base_done(&b);
        return r;
    }
    *ret = b;
    return 0;
}

/* A first thread on its way out may have let go of what the others still share. */
static bool stands_for_process(const struct rm_stat *first)
{
    return !rm_stat_ended(first) && !(first->exiting && first->threads > 1);
}

/* -ENODATA: no thread lives. */
static int find_base(const struct rm_pass *p, const struct rm_pidref *ref, const struct tids *tids, struct base *ret)
{
    if (stands_for_process(&ref->stat)) {
        *ret = (struct base){.tid = ref->pid, .dir = ref->dir, .range_dir = ref->dir};
        return 0;
    }
    for (size_t i = 0; i < tids->count; i++) {
        if (tids->ids[i] == ref->pid)
            continue;
        int r = open_task(p, ref, tids->ids[i], ret);
        if (r != -ENOENT && r != -ESRCH)
            return r;
    }
    return -ENODATA;
}

/* Does this thread have descriptors of its own?  Yes too if that cannot be told. */
static bool own_table(struct rm_pass *p, uint32_t base, uint32_t tid)
{
    if (!p->proc.live || p->no_kcmp)
        return true;
    long r = syscall(SYS_kcmp, base, tid, KCMP_FILES, 0, 0);
    p->no_kcmp = r < 0 && errno == ENOSYS;
    return r != 0;
}

static int read_threads(struct rm_pass *p, const struct rm_pidref *ref, const struct tids *tids, uint32_t base)
{
    for (size_t i = 0; i < tids->count; i++) {
        uint32_t tid = tids->ids[i];
        char name[32];
        if (tid == base || tid == ref->pid || !own_table(p, base, tid))
            continue;
        snprintf(name, sizeof(name), "task/%u/fd", tid);
        int r = rm_holdings_descriptors(p, ref->dir, name);
        /* A thread that has ended holds nothing. */
        if (r < 0 && r != -ENOENT && r != -ESRCH)
            return r;
    }
    return 0;
}

static int look_at_exe(int dir, struct rm_inode *ret)
{
    struct rm_inode inode;
    int r = rm_inode_at(dir, "exe", &inode);
    if (r == -ENOENT)
        inode = (struct rm_inode){0};
    else if (r < 0)
        return r;
    *ret = inode;
    return 0;
}

static int open_base(struct rm_pass *p, const struct rm_pidref *ref, struct tids *tids, struct base *ret)
{
    if (ref->stat.threads > 1) {
        int r = list_tids(ref->dir, tids);
        if (r < 0)
            return r;
    }
    return find_base(p, ref, tids, ret);
}

int rm_tasks_exe(struct rm_pass *p, const struct rm_pidref *ref, struct rm_inode *ret)
{
    struct tids tids = {0};
    struct base base;
    if (stands_for_process(&ref->stat))
        return look_at_exe(ref->dir, ret);
    int r = open_base(p, ref, &tids, &base);
    if (r == 0) {
        r = look_at_exe(base.dir, ret);
        base_done(&base);
    }
    free(tids.ids);
    return r;
}

int rm_tasks_read(struct rm_pass *p, const struct rm_pidref *ref, struct rm_inode *ret_exe)
{
    struct tids tids = {0};
    struct base base;
    struct rm_inode exe;
    int r = open_base(p, ref, &tids, &base);
    if (r < 0)
        goto out;
    r = look_at_exe(base.dir, &exe);
    if (r == 0 && exe.id.inode)
        r = rm_match_inode(p, &exe, base.dir, "exe", RMX_USE_EXECUTABLE);
    if (r == 0)
        r = rm_holdings_descriptors(p, base.dir, "fd");
    if (r == 0)
        r = read_threads(p, ref, &tids, base.tid);
    if (r == 0)
        r = rm_holdings_maps(p, base.dir, base.range_dir);
    if (r == -ESRCH && ref->stat.exiting) /* no memory any more, so no maps; that can last, the descriptors come later */
        r = 0;
    base_done(&base);
    if (r == 0)
        *ret_exe = exe;
out:
    free(tids.ids);
    return r;
}
