/* SPDX-License-Identifier: MIT
 *
 * One pin per process: a descriptor of its /proc directory.  What is read
 * through it is about that process or fails; a process that is given the same
 * number later is never meant.
 */
#pragma once

#include "procfs.h"
#include "restartmanager.h"

struct rm_pidref {
    int dir;
    int stat_fd;
    uint32_t pid;
    struct rm_stat stat; /* as of the last look */
};

/* -ESRCH: no such process.  -EACCES, -EPERM: it is there but hidden. */
int rm_pidref_open(int proc, uint32_t pid, struct rm_pidref *ret);
void rm_pidref_done(struct rm_pidref *p);
/* Look at stat again: -ESRCH if the process has gone. */
int rm_pidref_refresh(struct rm_pidref *p);

static inline RM_UNIQUE_PROCESS rm_pidref_process(const struct rm_pidref *p)
{
    return (RM_UNIQUE_PROCESS){
        .dwProcessId = p->pid,
        .ProcessStartTime = {.dwLowDateTime = (DWORD)p->stat.start, .dwHighDateTime = (DWORD)(p->stat.start >> 32)},
    };
}

/* All threads have ended: it holds nothing and waits for its parent. */
static inline bool rm_pidref_ended(const struct rm_pidref *p)
{
    return rm_stat_ended(&p->stat) && p->stat.threads <= 1;
}
