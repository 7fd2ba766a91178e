/* SPDX-License-Identifier: MIT
 *
 * Jobs: what a manager is asked to do with units, and how that ended.  Whether
 * a unit is down, or up, is asked when its job has ended: a job that is done
 * says less.
 */
#pragma once

#include "properties.h"
#include "unitset.h"

struct rm_job {
    /* The question. */
    struct rm_manager *manager; /* NULL: there is none to ask, see call_error */
    const char *unit;
    enum rm_unit_job kind;
    bool late;   /* begun when all others have ended */
    bool unsaid; /* nothing is asked of the manager: the other jobs move it */

    /* The answer. */
    uint32_t failure; /* RMX_FAIL_* */
    char detail[320]; /* or "" */
    int call_error;   /* -errno: the call was refused */
    char words[256];  /* in which it was */
    char outcome[16]; /* what the manager says how the job ended, or "" */
    struct rm_unit_info info; /* afterwards */

    /* Its own. */
    enum { RM_JOB_NEW, RM_JOB_CALLED, RM_JOB_RUNS, RM_JOB_ASKED, RM_JOB_ENDED } phase;
    struct rm_jobs *run;
    uint32_t id;
    struct rm_call call, kill, hold;
    uint32_t kills;
    bool killing, kill_again;
    sd_bus_slot *changes;
    struct rm_question question;
};

/* Called as each has ended.  A negative result ends the run. */
typedef int (*rm_job_ended)(void *context, uint32_t index);

/* All at once, in the order given where a manager has none of its own; each ends once, at the latest at the deadline.
 * 0, or what `ended` said, -ECANCELED, -EINTR, -ENOMEM: the managers go on with what they have begun. */
int rm_jobs_run(struct rm_job *jobs, uint32_t count, struct rm_manager *const managers[], uint32_t manager_count,
                const struct rm_wait *wait, rm_job_ended ended, void *context);

/* From the rest of the answer: failure and detail. */
void rm_job_judge(struct rm_job *job);
