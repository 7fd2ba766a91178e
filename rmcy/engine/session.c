/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "host.h"
#include "ledger.h"

#include <errno.h>
#include <stdlib.h>

#define INDEX_BITS 16
#define TABLE_LIMIT (1u << INDEX_BITS)
#define NO_ENTRY UINT32_MAX

struct entry {
    struct rm_session *session; /* NULL: free */
    uint32_t next_free;
    uint16_t generation;
};

static struct {
    pthread_mutex_t mutex;
    struct entry *entries;
    uint32_t count, capacity, first_free;
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER, .first_free = NO_ENTRY};

/* Under the mutex: its handle means nothing from here on. */
static void retire(uint32_t index)
{
    struct entry *entry = &table.entries[index];

    entry->session = NULL;
    /* 0xFFFF is never used: 0xFFFFFFFF is what callers take for "no handle". */
    entry->generation = (uint16_t)(entry->generation + 1) % 0xFFFF;
    entry->next_free = table.first_free;
    table.first_free = index;
}

/* A forked child owns none of its parent's sessions: it must not end them, write for them or wait for locks that
 * threads held that it does not have.  Their memory is left as it is, since any of it may have been in use. */
static void before_fork(void)
{
    pthread_mutex_lock(&table.mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&table.mutex);
}

static void after_fork_in_child(void)
{
    /* What the child starts gets other handles than the parent's, which somebody in it may still hold. */
    for (uint32_t i = 0; i < table.count; i++)
        if (table.entries[i].session)
            retire(i);
    pthread_mutex_unlock(&table.mutex);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

int rm_session_new(enum rm_role role, struct rm_session **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct rm_session *session;
    int e;

    pthread_once(&once, watch_forks);

    session = calloc(1, sizeof *session);
    if (!session)
        return -ENOMEM;
    session->references = 1;
    session->role = role;
    rm_queue_init(&session->queue);
    if (role == RM_PRIMARY) {
        e = rm_resources_new(&session->resources);
        if (e < 0) {
            rm_session_unref(session);
            return e;
        }
    }
    *ret = session;
    return 0;
}

void rm_session_unref(struct rm_session *session)
{
    unsigned left;

    if (!session)
        return;
    pthread_mutex_lock(&table.mutex);
    left = --session->references;
    pthread_mutex_unlock(&table.mutex);
    if (left)
        return;
    rm_ledger_free(session->ledger);
    rm_resources_free(session->resources);
    rm_filters_done(&session->filters);
    rm_critical_done(&session->critical);
    rm_queue_done(&session->queue);
    free(session);
}

/* Under the mutex: a free entry at first_free, or -EUSERS, -ENOMEM. */
static int grow(void)
{
    uint32_t capacity;
    struct entry *entries;

    if (table.first_free != NO_ENTRY)
        return 0;
    if (table.count == TABLE_LIMIT)
        return -EUSERS;
    if (table.count == table.capacity) {
        capacity = table.capacity ? table.capacity * 2 : 16;
        entries = realloc(table.entries, capacity * sizeof *entries);
        if (!entries)
            return -ENOMEM;
        table.entries = entries;
        table.capacity = capacity;
    }
    table.entries[table.count] = (struct entry){.next_free = NO_ENTRY};
    table.first_free = table.count++;
    return 0;
}

int rm_session_publish_take(struct rm_session *session, DWORD *ret_handle)
{
    struct entry *entry;
    uint32_t index;
    int e;

    pthread_mutex_lock(&table.mutex);
    e = grow();
    if (e < 0)
        goto out;
    index = table.first_free;
    entry = &table.entries[index];
    table.first_free = entry->next_free;
    entry->session = session;
    *ret_handle = (DWORD)entry->generation << INDEX_BITS | index;
out:
    pthread_mutex_unlock(&table.mutex);
    return e;
}

/* Under the mutex. */
static struct entry *entry_of(DWORD handle)
{
    uint32_t index = handle & (TABLE_LIMIT - 1);

    if (index >= table.count || !table.entries[index].session ||
        table.entries[index].generation != handle >> INDEX_BITS)
        return NULL;
    return &table.entries[index];
}

int rm_session_enter(DWORD handle, const struct rm_wait *wait, struct rm_session **ret)
{
    struct rm_session *session = NULL;
    struct entry *entry;
    int e;

    pthread_mutex_lock(&table.mutex);
    entry = entry_of(handle);
    if (entry) {
        session = entry->session;
        session->references++;
    }
    pthread_mutex_unlock(&table.mutex);
    if (!session)
        return -EBADF;

    e = rm_queue_enter(&session->queue, wait);
    if (e < 0) {
        rm_session_unref(session);
        return e;
    }
    if (session->ended) {
        rm_session_leave(session);
        return -EBADF;
    }
    *ret = session;
    return 0;
}

int rm_session_enter_primary(DWORD handle, const struct rm_wait *wait, struct rm_session **ret)
{
    struct rm_session *session;
    int e = rm_session_enter(handle, wait, &session);

    if (e < 0)
        return e;
    if (session->role == RM_SECONDARY) {
        rm_session_leave(session);
        return -EKEYREJECTED;
    }
    *ret = session;
    return 0;
}

void rm_session_leave(struct rm_session *session)
{
    rm_queue_leave(&session->queue);
    rm_session_unref(session);
}

int rm_session_task_begin(struct rm_session *session, struct rm_wait *wait)
{
    struct rm_event *task;
    int e = rm_event_new(&task);

    if (e < 0)
        return e;
    wait->cancel_fd = rm_event_fd(task);
    pthread_mutex_lock(&table.mutex);
    session->task = task;
    pthread_mutex_unlock(&table.mutex);
    return 0;
}

void rm_session_task_end(struct rm_session *session)
{
    struct rm_event *task;

    pthread_mutex_lock(&table.mutex);
    task = session->task;
    session->task = NULL;
    pthread_mutex_unlock(&table.mutex);
    rm_event_free(task);
}

int rm_session_cancel(DWORD handle)
{
    struct entry *entry;
    int e = 0;

    pthread_mutex_lock(&table.mutex);
    entry = entry_of(handle);
    if (!entry)
        e = -EBADF;
    else if (entry->session->role == RM_SECONDARY)
        e = -EKEYREJECTED;
    else if (entry->session->task)
        rm_event_set(entry->session->task);
    pthread_mutex_unlock(&table.mutex);
    return e;
}

void rm_session_withdraw(DWORD handle, struct rm_session *session)
{
    struct entry *entry;

    session->ended = true;
    pthread_mutex_lock(&table.mutex);
    entry = entry_of(handle);
    if (entry && entry->session == session) {
        retire(handle & (TABLE_LIMIT - 1));
        session->references--; /* the table's own; the caller's turn holds another */
    }
    pthread_mutex_unlock(&table.mutex);
}
