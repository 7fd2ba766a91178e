/* SPDX-License-Identifier: MIT
 *
 * The store's one lock, a named mutex: it covers the set of sessions, not what
 * is written into them.  One whose holder has died is as good as free: nothing
 * that it covers is ever half done.
 */
#pragma once

#include "wait.h"

#include <windows.h>

struct rm_lock {
    HANDLE mutex;
};

/* Of the store at that path; released by the same thread.  -ETIMEDOUT, -ECANCELED. */
int rm_lock_acquire(const WCHAR *store, const struct rm_wait *wait, struct rm_lock *ret);
void rm_lock_release(struct rm_lock *lock);
