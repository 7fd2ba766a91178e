/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "event.h"

#include <stddef.h>

/* Lives on the stack of the thread that waits. */
struct rm_waiter {
    struct rm_event *turn; /* set once the lock has been handed over */
    bool granted;
    struct rm_waiter *next;
};

void rm_queue_init(struct rm_queue *queue)
{
    *queue = (struct rm_queue)RM_QUEUE_INIT;
}

void rm_queue_done(struct rm_queue *queue)
{
    pthread_mutex_destroy(&queue->mutex);
}

static void append(struct rm_queue *queue, struct rm_waiter *waiter)
{
    if (queue->last)
        queue->last->next = waiter;
    else
        queue->first = waiter;
    queue->last = waiter;
}

static void remove_waiter(struct rm_queue *queue, struct rm_waiter *waiter)
{
    struct rm_waiter *before = NULL;

    for (struct rm_waiter *w = queue->first; w; before = w, w = w->next) {
        if (w != waiter)
            continue;
        if (before)
            before->next = w->next;
        else
            queue->first = w->next;
        if (queue->last == w)
            queue->last = before;
        return;
    }
}

int rm_queue_enter(struct rm_queue *queue, const struct rm_wait *wait)
{
    struct rm_waiter waiter = {0};
    int e;

    pthread_mutex_lock(&queue->mutex);
    if (!queue->held) {
        queue->held = true;
        pthread_mutex_unlock(&queue->mutex);
        return 0;
    }
    e = rm_event_new(&waiter.turn);
    if (e < 0) {
        pthread_mutex_unlock(&queue->mutex);
        return e;
    }
    append(queue, &waiter);
    pthread_mutex_unlock(&queue->mutex);

    e = rm_wait_for(wait, rm_event_fd(waiter.turn));

    pthread_mutex_lock(&queue->mutex);
    if (waiter.granted)
        e = 0; /* handed over at the last moment: it is ours, whatever the wait said */
    else
        remove_waiter(queue, &waiter);
    pthread_mutex_unlock(&queue->mutex);
    rm_event_free(waiter.turn);
    return e;
}

void rm_queue_leave(struct rm_queue *queue)
{
    struct rm_waiter *next;

    pthread_mutex_lock(&queue->mutex);
    next = queue->first;
    if (next) {
        /* The lock stays held and passes to the first in line.  Under the mutex, or the waiter could be gone. */
        queue->first = next->next;
        if (!queue->first)
            queue->last = NULL;
        next->granted = true;
        rm_event_set(next->turn);
    } else {
        queue->held = false;
    }
    pthread_mutex_unlock(&queue->mutex);
}
