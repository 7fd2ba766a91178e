/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <stdlib.h>

#define BUCKETS 256

static SRWLOCK lock = SRWLOCK_INIT;
static struct rm_session *sessions[BUCKETS];

/* All of these under the lock. */

static struct rm_session **find(DWORD handle)
{
    struct rm_session **at = &sessions[handle % BUCKETS];

    while (*at && ((*at)->handle != handle || (*at)->gone))
        at = &(*at)->next;
    return at;
}

static bool is_blank(const struct rm_session *session)
{
    return !session->odd.count && !session->stopped && !session->settled && !session->items.count &&
           !session->left.count;
}

static void drop_unused(struct rm_session *session)
{
    struct rm_session **at = &sessions[session->handle % BUCKETS];

    if (session->users || (!session->gone && !is_blank(session)))
        return;
    while (*at != session)
        at = &(*at)->next;
    *at = session->next;
    rm_names_done(&session->odd);
    rm_items_done(&session->items);
    rm_items_done(&session->left);
    free(session);
}

static struct rm_session *find_or_add(DWORD handle)
{
    struct rm_session **at = find(handle);

    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at)
            return NULL;
        (*at)->handle = handle;
        InitializeConditionVariable(&(*at)->turn);
    }
    return *at;
}

static DWORD await_turn(struct rm_session *session, const struct rm_deadline *deadline)
{
    while (session->acting && !session->gone)
        if (!SleepConditionVariableSRW(&session->turn, &lock, rm_deadline_left(deadline), 0))
            break;
    if (session->gone)
        return ERROR_INVALID_HANDLE;
    if (session->acting)
        return ERROR_SEM_TIMEOUT;
    session->acting = true;
    return ERROR_SUCCESS;
}

DWORD rm_session_enter(DWORD handle, const struct rm_deadline *deadline, struct rm_session **ret)
{
    DWORD code = ERROR_OUTOFMEMORY;
    struct rm_session *session;

    AcquireSRWLockExclusive(&lock);
    session = find_or_add(handle);
    if (session) {
        session->users++;
        code = await_turn(session, deadline);
        if (code == ERROR_SUCCESS)
            *ret = session;
        else if (!--session->users)
            drop_unused(session);
    }
    ReleaseSRWLockExclusive(&lock);
    return code;
}

void rm_session_leave(struct rm_session *session)
{
    AcquireSRWLockExclusive(&lock);
    session->acting = false;
    WakeConditionVariable(&session->turn);
    if (!--session->users)
        drop_unused(session);
    ReleaseSRWLockExclusive(&lock);
}

static void end(struct rm_session *session)
{
    session->gone = true;
    WakeAllConditionVariable(&session->turn);
}

void rm_session_withdraw(struct rm_session *session)
{
    AcquireSRWLockExclusive(&lock);
    end(session);
    ReleaseSRWLockExclusive(&lock);
}

void rm_session_forget(DWORD handle)
{
    struct rm_session *session;

    AcquireSRWLockExclusive(&lock);
    session = *find(handle);
    if (session) {
        end(session);
        drop_unused(session);
    }
    ReleaseSRWLockExclusive(&lock);
}

/* Asked for what changes nothing; there may be filters, for which there is no room. */
DWORD rm_session_check_primary(DWORD handle)
{
    DWORD needed = 0, code = RmGetFilterList(handle, NULL, 0, &needed);

    return code == ERROR_MORE_DATA ? ERROR_SUCCESS : code;
}
