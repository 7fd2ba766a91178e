/* SPDX-License-Identifier: MIT
 *
 * A lock for which threads wait in line: first come, first served, with a
 * deadline.  A plain mutex lets a busy thread take it again and again while
 * others starve, and cannot be waited for with a monotonic deadline.
 */
#pragma once

#include "wait.h"

#include <pthread.h>
#include <stdbool.h>

struct rm_waiter;

struct rm_queue {
    pthread_mutex_t mutex;
    bool held;
    struct rm_waiter *first, *last;
};

#define RM_QUEUE_INIT {.mutex = PTHREAD_MUTEX_INITIALIZER}

void rm_queue_init(struct rm_queue *queue);
void rm_queue_done(struct rm_queue *queue);

/* 0, or -ETIMEDOUT, -ECANCELED, -EINTR, -EMFILE, -ENOMEM: not entered. */
int rm_queue_enter(struct rm_queue *queue, const struct rm_wait *wait);
void rm_queue_leave(struct rm_queue *queue);
