/* SPDX-License-Identifier: MIT
 *
 * The store's one lock.  It covers the set of sessions, not what is written
 * into them.
 *
 * It is an open-file-description lock: a POSIX record lock would be dropped by
 * the first close of the lock file anywhere in the process, for instance by
 * another thread that joins.  Such a lock lives as long as any copy of its
 * descriptor, also one in a forked child, so it is released by an explicit
 * unlock, and children close theirs.
 *
 * Waiting is fair: within the process in line (rm_queue), between processes
 * with a ticket (rm_ticket).  Trying again after a pause starves whoever
 * pauses.  Since a wait in the kernel knows no deadline, a thread waits in our
 * place and can be abandoned.
 */
#pragma once

#include "wait.h"

struct rm_lock {
    int fd;
};

/* 0, or -ETIMEDOUT, -ECANCELED, -EINTR, or an error of the store. */
int rm_lock_acquire(int store_fd, const struct rm_wait *wait, struct rm_lock *ret);
void rm_lock_release(struct rm_lock *lock);
