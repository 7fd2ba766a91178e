/* SPDX-License-Identifier: MIT
 *
 * How long a call may still wait, and what ends the wait early.  One rm_wait
 * lives for one public call and goes down to every place that can block.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RM_NO_DEADLINE UINT64_MAX

struct rm_wait {
    uint64_t deadline;   /* by rm_host_now, or RM_NO_DEADLINE */
    int cancel_fd;       /* of an rm_event that is set on cancellation, or -1 */
    bool interruptible;  /* a signal handler that ran ends the wait */
};

/* 0 while there is time, -ETIMEDOUT after the deadline, -ECANCELED after a cancellation.  Cheap. */
int rm_wait_check(const struct rm_wait *wait);
/* The same wait, but at most so long (ns, or RM_NO_DEADLINE). */
struct rm_wait rm_wait_within(const struct rm_wait *wait, uint64_t time);
/* As poll() takes it: -1 for no deadline; rounded up, so that the deadline has passed when it is 0. */
int rm_wait_milliseconds(const struct rm_wait *wait);
/* Waits until `fd` (an eventfd, a pidfd) is readable: 0, -ETIMEDOUT, -ECANCELED or -EINTR.  On Windows it is a HANDLE
 * that is signalled then; no handle needs more than 32 bits. */
int rm_wait_for(const struct rm_wait *wait, int fd);
/* With an earlier deadline: after `time` (ns), or half of what there is. */
struct rm_wait rm_wait_at_most(const struct rm_wait *wait, uint64_t time);
