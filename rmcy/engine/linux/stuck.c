/* SPDX-License-Identifier: MIT
 *
 * A list under a mutex of its own, which is held for moments only.  Threads do
 * not live on in a forked child, so its list is empty.
 */
#include "stuck.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rm_stuck *list;
static atomic_uint count; /* so that looking at an empty list costs one load */

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

static void after_fork_in_child(void)
{
    list = NULL;
    count = 0;
    pthread_mutex_unlock(&mutex);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

bool rm_stuck_has_room(void)
{
    return count < RM_STUCK_MAX;
}

uint32_t rm_stuck_count(void)
{
    return count;
}

void rm_stuck_add(struct rm_stuck *stuck)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&mutex);
    stuck->next = list;
    list = stuck;
    count++;
    pthread_mutex_unlock(&mutex);
}

void rm_stuck_remove(struct rm_stuck *stuck)
{
    pthread_mutex_lock(&mutex);
    for (struct rm_stuck **at = &list; *at; at = &(*at)->next)
        if (*at == stuck) {
            *at = stuck->next;
            count--;
            break;
        }
    pthread_mutex_unlock(&mutex);
}

bool rm_stuck_is_process(uint32_t pid, uint64_t start)
{
    bool found = false;
    if (!count)
        return false;
    pthread_mutex_lock(&mutex);
    for (const struct rm_stuck *s = list; s && !found; s = s->next)
        found = s->pid == pid && s->start && s->start == start;
    pthread_mutex_unlock(&mutex);
    return found;
}

bool rm_stuck_is_name(const char *name)
{
    bool found = false;
    if (!count)
        return false;
    pthread_mutex_lock(&mutex);
    for (const struct rm_stuck *s = list; s && !found; s = s->next)
        found = s->name && strcmp(s->name, name) == 0;
    pthread_mutex_unlock(&mutex);
    return found;
}
