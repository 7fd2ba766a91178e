/* SPDX-License-Identifier: MIT
 *
 * The caller waits for the end of the work, in spans.  A worker that gives no
 * sign of life for two spans and is neither running nor waiting for a
 * processor is stuck.  Two, because after this whole process was stopped the
 * first one is over before anybody could do anything.
 *
 * Each worker is watched by itself.  The work is over when the last one says
 * so: one that finds nothing more to do just goes home.  When one fails the
 * others end, too, and take with them what they hold open.
 *
 * Locking: `mutex` covers everything in struct rm_watch and what the task
 * keeps within the lock.  A worker's own fields are its own, but for `tid` and
 * `beats`, which are atomic, and `at`, which is within the lock.
 */
#include "watch.h"

#include "event.h"
#include "host.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All ours, in nanoseconds: how long a worker may show no sign of life; it is halved with each that is stuck, down to
 * the least, and is never more than a part of the time that is left. */
#define PATIENCE UINT64_C(1000000000)
#define LEAST_PATIENCE UINT64_C(100000000)
#define PART_OF_TIME 4
#define LEAST_SPAN UINT64_C(5000000)

#define STACK_SIZE ((size_t)1 << 20)

/* Workers at a time. */
#define PLACES 2

struct rm_watch {
    pthread_mutex_t mutex;
    unsigned references; /* the caller's and each worker's */
    const struct rm_task *task;
    void *context;
    struct rm_worker *current[PLACES]; /* who counts; NULL: nobody */
    unsigned at_work;                  /* of these */
    struct rm_event *over;
    bool done;
    int result; /* the first that is an error */
};

struct rm_worker {
    struct rm_watch *watch;
    pthread_t thread;
    atomic_int tid;
    atomic_uint beats;
    atomic_bool left;
    bool finished; /* within the lock */
    struct rm_stuck at;
};

static void unref(struct rm_watch *w)
{
    pthread_mutex_lock(&w->mutex);
    bool last = --w->references == 0;
    pthread_mutex_unlock(&w->mutex);
    if (!last)
        return;
    w->task->free(w->context);
    rm_event_free(w->over);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}

bool rm_worker_is_left(const struct rm_worker *me)
{
    return atomic_load_explicit(&me->left, memory_order_relaxed);
}

bool rm_worker_enter(struct rm_worker *me)
{
    pthread_mutex_lock(&me->watch->mutex);
    if (!rm_worker_is_left(me) && !me->watch->result)
        return true;
    pthread_mutex_unlock(&me->watch->mutex);
    return false;
}

void rm_worker_leave(struct rm_worker *me)
{
    rm_worker_beat(&me->beats);
    pthread_mutex_unlock(&me->watch->mutex);
}

void rm_worker_at(struct rm_worker *me, uint32_t pid, uint64_t start, const char *name)
{
    me->at = (struct rm_stuck){.pid = pid, .start = start, .name = name};
}

atomic_uint *rm_worker_beats(struct rm_worker *me)
{
    return &me->beats;
}

/* Within the lock. */
static void be_over(struct rm_watch *w)
{
    if (w->done)
        return;
    w->done = true;
    rm_event_set(w->over);
}

static void *run(void *argument)
{
    struct rm_worker *me = argument;
    struct rm_watch *w = me->watch;
    me->tid = (int)syscall(SYS_gettid);
    int r = w->task->work(me, w->context);
    pthread_mutex_lock(&w->mutex);
    bool left = rm_worker_is_left(me);
    if (!left) {
        me->finished = true;
        w->at_work--;
        if (!w->result)
            w->result = r;
        if (!w->at_work)
            be_over(w);
    }
    pthread_mutex_unlock(&w->mutex);
    if (left) {
        rm_stuck_remove(&me->at);
        free(me);
        unref(w);
    }
    return NULL;
}

/* Signals are for the threads of the program. */
static int create_thread(struct rm_worker *me)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0)
        return -ENOMEM;
    sigfillset(&all);
    int e = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (e == 0)
        e = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (e == 0) {
        e = pthread_create(&me->thread, &attributes, run, me);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return e ? -ENOMEM : 0; /* EAGAIN, too: this process may have no more threads */
}

/* Within the lock, or before there is anybody to share it with.  place: where nobody is. */
static int start(struct rm_watch *w, unsigned place)
{
    struct rm_worker *me = calloc(1, sizeof(*me));
    if (!me)
        return -ENOMEM;
    me->watch = w;
    w->current[place] = me;
    w->at_work++;
    w->references++;
    int r = create_thread(me);
    if (r < 0) {
        w->current[place] = NULL;
        w->at_work--;
        w->references--;
        free(me);
    }
    return r;
}

bool rm_worker_can_share(void)
{
    cpu_set_t processors;
    return sched_getaffinity(0, sizeof(processors), &processors) == 0 && CPU_COUNT(&processors) > 1;
}

void rm_worker_recruit(struct rm_worker *me)
{
    struct rm_watch *w = me->watch;
    for (unsigned place = 0; place < PLACES; place++)
        if (!w->current[place]) {
            /* Without a second one the first does it all. */
            (void)start(w, place);
            return;
        }
}

/* Within the lock.  stuck: on record as what it is at. */
static void leave_behind(struct rm_watch *w, unsigned place, bool stuck)
{
    struct rm_worker *worker = w->current[place];
    w->current[place] = NULL;
    w->at_work--;
    worker->left = true;
    if (!stuck)
        worker->at = (struct rm_stuck){0};
    rm_stuck_add(&worker->at);
    pthread_detach(worker->thread);
}

/* On a processor, or waiting for one?  Then it is not stuck, however long that takes. */
static bool is_running(const struct rm_worker *worker)
{
    char name[64], text[RM_STAT_SIZE];
    struct rm_stat stat;
    int tid = worker->tid;
    if (!tid)
        return true;
    snprintf(name, sizeof(name), "/proc/self/task/%d/stat", tid);
    long n = rm_procfs_read(AT_FDCWD, name, text, sizeof(text));
    return n > 0 && rm_stat_parse(text, (size_t)n, &stat) == 0 && stat.state == 'R';
}

struct vigil {
    uint64_t patience, end; /* of the span */
    struct {
        unsigned beats, quiet; /* spans without a sign of life */
    } of[PLACES];
    bool interrupted;
};

static void begin_span(struct vigil *v, const struct rm_wait *wait)
{
    uint64_t now = rm_host_now(), span = v->patience / 2;
    if (wait->deadline != RM_NO_DEADLINE) {
        uint64_t part = wait->deadline > now ? (wait->deadline - now) / PART_OF_TIME / 2 : 0;
        span = part < span ? part : span;
    }
    v->end = now + (span < LEAST_SPAN ? LEAST_SPAN : span);
}

/* Within the lock: 0 if somebody goes on or the end has come, 1 to wait on. */
static int do_without(struct rm_watch *w, unsigned place, struct vigil *v)
{
    bool room = rm_stuck_has_room();
    /* Where another has failed there is nothing left that this one could be waited for. */
    int r = w->result ? 0 : w->task->give_up(w->context, &w->current[place]->at, !room);
    if (r)
        return r;
    leave_behind(w, place, true);
    /* Whoever else is at work goes on anyway. */
    if (!w->result && room && start(w, place) < 0 && !w->at_work)
        w->task->give_up(w->context, NULL, true);
    if (!w->at_work)
        be_over(w);
    v->patience = v->patience / 2 < LEAST_PATIENCE ? LEAST_PATIENCE : v->patience / 2;
    v->of[place].quiet = 0;
    return 0;
}

/* After a span: has there been a sign of life of each? */
static void look(struct rm_watch *w, struct vigil *v)
{
    pthread_mutex_lock(&w->mutex);
    for (unsigned place = 0; place < PLACES; place++) {
        struct rm_worker *worker = w->current[place];
        bool counts = worker && !worker->finished;
        unsigned beats = counts ? atomic_load_explicit(&worker->beats, memory_order_relaxed) : 0;
        if (!counts || w->done || beats != v->of[place].beats) {
            v->of[place].beats = beats;
            v->of[place].quiet = 0;
        } else if (++v->of[place].quiet >= 2) {
            if (is_running(worker))
                v->of[place].quiet = 0;
            else
                do_without(w, place, v);
        }
    }
    pthread_mutex_unlock(&w->mutex);
}

static bool is_quiet(const struct vigil *v)
{
    for (unsigned place = 0; place < PLACES; place++)
        if (v->of[place].quiet)
            return true;
    return false;
}

static int await(struct rm_watch *w, const struct rm_wait *wait)
{
    struct vigil v = {.patience = PATIENCE};
    begin_span(&v, wait);
    for (;;) {
        struct rm_wait span = *wait;
        span.deadline = v.end < wait->deadline ? v.end : wait->deadline;
        int r = rm_wait_for(&span, rm_event_fd(w->over));
        if (r == -ETIMEDOUT && (wait->deadline == RM_NO_DEADLINE || rm_host_now() < wait->deadline)) {
            look(w, &v);
            begin_span(&v, wait);
        } else if (r != -EINTR) {
            return r;
        } else {
            v.interrupted = true;
        }
        if (v.interrupted && is_quiet(&v))
            return -EINTR;
    }
}

/* Nobody is at it for the caller any more: those who have finished are seen off, others left behind. */
static void dismiss(struct rm_watch *w)
{
    struct rm_worker *finished[PLACES] = {NULL};
    pthread_mutex_lock(&w->mutex);
    for (unsigned place = 0; place < PLACES; place++) {
        struct rm_worker *worker = w->current[place];
        if (!worker)
            continue;
        if (worker->finished) {
            finished[place] = worker;
            w->current[place] = NULL;
        } else {
            leave_behind(w, place, false);
        }
    }
    pthread_mutex_unlock(&w->mutex);
    for (unsigned place = 0; place < PLACES; place++)
        if (finished[place]) {
            pthread_join(finished[place]->thread, NULL);
            free(finished[place]);
            unref(w);
        }
}

int rm_watch_take(const struct rm_task *task, void *context, const struct rm_wait *wait)
{
    struct rm_watch *w = calloc(1, sizeof(*w));
    if (!w) {
        task->free(context);
        return -ENOMEM;
    }
    *w = (struct rm_watch){.references = 1, .task = task, .context = context};
    pthread_mutex_init(&w->mutex, NULL);
    int r = rm_event_new(&w->over);
    if (r == 0)
        r = rm_wait_check(wait);
    if (r == 0 && !rm_stuck_has_room()) {
        r = task->give_up(context, NULL, true) ? -ETIMEDOUT : 0;
        goto out;
    }
    if (r == 0)
        r = start(w, 0);
    if (r < 0)
        goto out;
    r = await(w, wait);
    dismiss(w);
    if (w->done)
        r = w->result;
out:
    unref(w);
    return r;
}
