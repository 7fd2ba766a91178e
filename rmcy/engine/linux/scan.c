/* SPDX-License-Identifier: MIT
 *
 * One pass over the processes for any number of files.  Processes that a read
 * one may have handed a file to by forking are found by listing again at the
 * end.
 *
 * A worker goes from process to process (watch.h); where there are many, a
 * second one does, too.  Where one gets stuck, that process is counted as
 * blocked and another worker goes on with the next.  All of them share the
 * crew; what it points to in the caller's pass (the answer, the services) is
 * touched within the lock only.
 */
#include "pass.h"
#include "pinned.h"
#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Ours: times that the list of processes is read, and times that it is while processes vanish before they are. */
#define ROUNDS 3
#define ROUNDS_AFTER_VANISHED 100

struct pids {
    uint32_t *ids;
    size_t count, space;
};

struct crew {
    struct rm_pass pass; /* what each worker begins with */
    struct rm_scan scan; /* of shared resources; without the caller's wait */
    struct rm_critical critical; /* a copy */
    struct rm_way way;
    RM_UNIQUE_PROCESS *registered;

    /* Within the lock: where the workers are. */
    struct pids now, before;
    size_t next;
    unsigned reading; /* workers that are at a process */
    bool shared;      /* a second one has been asked for */
    int round;
    bool news;     /* this round's list had processes that no earlier one had */
    bool vanished; /* one of them went before it was read: what it held may be its child's by now */
};

int rm_pass_compare_processes(const void *x, const void *y)
{
    const RM_UNIQUE_PROCESS *a = x, *b = y;
    if (a->dwProcessId != b->dwProcessId)
        return a->dwProcessId < b->dwProcessId ? -1 : 1;
    uint64_t sa = (uint64_t)a->ProcessStartTime.dwHighDateTime << 32 | a->ProcessStartTime.dwLowDateTime;
    uint64_t sb = (uint64_t)b->ProcessStartTime.dwHighDateTime << 32 | b->ProcessStartTime.dwLowDateTime;
    return sa < sb ? -1 : sa > sb;
}

static int compare_pids(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

static int add_pid(struct pids *t, uint32_t pid)
{
    if (t->count == t->space) {
        size_t space = t->space ? t->space * 2 : 1024;
        uint32_t *larger = reallocarray(t->ids, space, sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        t->ids = larger;
        t->space = space;
    }
    t->ids[t->count++] = pid;
    return 0;
}

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
        r = add_pid(t, pid);
        if (r < 0)
            break;
    }
    rm_entries_done(&entries);
    if (t->count)
        qsort(t->ids, t->count, sizeof(*t->ids), compare_pids);
    return r;
}

static bool is_new(const struct crew *c, uint32_t pid)
{
    return !c->before.count ||
           !bsearch(&pid, c->before.ids, c->before.count, sizeof(*c->before.ids), compare_pids);
}

/* Within the lock.  1 and a process that was not looked at yet, 0 when there are no more for this worker. */
static int next_pid(struct crew *c, uint32_t *ret)
{
    for (;;) {
        while (c->next < c->now.count) {
            uint32_t pid = c->now.ids[c->next++];
            if (!is_new(c, pid))
                continue;
            c->news = true;
            *ret = pid;
            return 1;
        }
        /* Whom a process that is being read hands its files to is found by a list that is made afterwards: the last
         * one who reads makes it. */
        if (c->reading)
            return 0;
        c->pass.counts->retries += c->round > 1 && c->news;
        if (!c->news || c->pass.by_number || (c->round >= ROUNDS && !c->vanished))
            return 0;
        /* A program that forks and ends, again and again, can outrun us. */
        if (c->round >= ROUNDS_AFTER_VANISHED)
            return rm_answer_add_skip(c->pass.answer, RMX_SKIP_CHANGING, 0);
        struct pids swap = c->before;
        c->before = c->now;
        c->now = swap;
        int r = list_pids(c->pass.proc.fd, &c->now);
        if (r < 0)
            return r;
        c->next = 0;
        c->news = c->vanished = false;
        c->round++;
    }
}

/* Within the lock. */
static void share(struct rm_worker *me, struct crew *c)
{
    if (c->shared || !c->way.share_from || c->now.count - c->next < c->way.share_from)
        return;
    c->shared = true;
    rm_worker_recruit(me);
}

static int work(struct rm_worker *me, void *context)
{
    struct crew *c = context;
    struct rm_pass p = c->pass;
    bool reading = false;
    uint32_t pid;
    int r = 0;
    p.worker = me;
    p.beats = rm_worker_beats(me);
    while (r == 0 && rm_worker_enter(me)) {
        c->reading -= reading;
        c->vanished |= p.vanished;
        p.vanished = false;
        r = next_pid(c, &pid);
        reading = r > 0;
        if (reading) {
            c->reading++;
            rm_worker_at(me, pid, 0, NULL);
            share(me, c);
        }
        rm_worker_leave(me);
        if (r <= 0)
            break;
        r = rm_reading_do(&p, pid);
    }
    free(p.found);
    rm_family_done(&p.family);
    rm_mounts_done(&p.mounts);
    return r;
}

/* Memory that runs out here makes the answer name fewer processes; it is incomplete all the same. */
static int give_up(void *context, const struct rm_stuck *at, bool all)
{
    struct crew *c = context;
    uint32_t pid;
    c->reading -= at != NULL;
    if (at && rm_answer_add_skip(c->pass.answer, RMX_SKIP_BLOCKED, at->pid) < 0)
        rm_answer_add_skip(c->pass.answer, RMX_SKIP_BLOCKED, 0);
    while (all && next_pid(c, &pid) > 0)
        if (rm_answer_add_skip(c->pass.answer, RMX_SKIP_BLOCKED, pid) < 0)
            rm_answer_add_skip(c->pass.answer, RMX_SKIP_BLOCKED, 0);
    return 0;
}

static void crew_free(void *context)
{
    struct crew *c = context;
    rm_resources_free((struct rm_resources *)c->scan.resources);
    rm_procfs_done(&c->pass.proc);
    rm_critical_done(&c->critical);
    free(c->registered);
    free(c->now.ids);
    free(c->before.ids);
    free(c);
}

static int copy_registered(struct crew *c)
{
    uint32_t count = rm_resources_process_count(c->scan.resources);
    if (!count)
        return 0;
    c->registered = calloc(count, sizeof(*c->registered));
    if (!c->registered)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        c->registered[i] = *rm_resources_process(c->scan.resources, i);
    qsort(c->registered, count, sizeof(*c->registered), rm_pass_compare_processes);
    c->pass.registered = c->registered;
    c->pass.registered_count = count;
    return 0;
}

/* Where only processes were registered, no others can be in the answer. */
static int list_registered(struct crew *c)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < c->pass.registered_count; i++)
        if (i == 0 || c->registered[i].dwProcessId != c->registered[i - 1].dwProcessId)
            r = add_pid(&c->now, c->registered[i].dwProcessId);
    return r;
}

static int crew_new(const struct rm_scan *scan, const struct rm_way *way, struct rm_answer *answer, struct crew **ret)
{
    struct rm_resources *resources;
    struct crew *c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->pass = (struct rm_pass){
        .scan = &c->scan,
        .way = &c->way,
        .proc = {.fd = -1},
        .answer = answer,
        .counts = rm_answer_counts(answer),
        .uid = geteuid(),
        .files = rm_resources_file_count(scan->resources) > rm_resources_odd_count(scan->resources),
    };
    c->way = *way;
    c->news = true;
    int r = rm_resources_share(scan->resources, &resources);
    if (r == 0) {
        c->scan = (struct rm_scan){
            .resources = resources, .flags = scan->flags, .pin = scan->pin, .critical = &c->critical};
        r = rm_procfs_open(way->proc, &c->pass.proc);
    }
    if (r == 0 && scan->critical)
        r = rm_critical_copy(scan->critical, &c->critical);
    if (r == 0 && scan->pin)
        r = rm_pin_check(&c->pass.proc);
    if (r == 0)
        r = copy_registered(c);
    if (r < 0) {
        crew_free(c);
        return r;
    }
    c->pass.by_number = !c->pass.files && !rm_resources_service_count(resources);
    if (c->pass.by_number)
        r = list_registered(c);
    if (r < 0) {
        crew_free(c);
        return r;
    }
    c->pass.no_signal_query = !rm_cause_can_ask(&c->pass);
    *ret = c;
    return 0;
}

int rm_pass_run(const struct rm_scan *scan, const struct rm_way *way, struct rm_answer *answer)
{
    static const struct rm_task task = {.work = work, .give_up = give_up, .free = crew_free};
    struct rm_services *services = NULL;
    struct crew *c = NULL;
    int r = crew_new(scan, way, answer, &c);
    if (r < 0)
        return r;
    /* The services stay with the caller: their questions to managers have a wait of their own. */
    struct rm_pass mine = c->pass;
    mine.scan = scan;
    if (rm_procfs_hides(&mine.proc))
        r = rm_answer_add_skip(answer, RMX_SKIP_NAMESPACE, 0);
    if (r == 0)
        r = rm_services_new(&mine, &services);
    if (r < 0) {
        crew_free(c);
        return r;
    }
    c->pass.services = services;
    r = rm_watch_take(&task, c, scan->wait);
    if (r == 0)
        r = rm_services_conclude(services, answer);
    rm_services_free(services);
    return r;
}
