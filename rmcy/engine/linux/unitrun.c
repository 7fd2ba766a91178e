/* SPDX-License-Identifier: MIT
 *
 * Jobs for the members of a set.
 */
#include "jobs.h"
#include "members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
    struct rm_unitset *set;
    const uint32_t *order; /* member of each job */
    struct rm_job *jobs;
    rm_unit_done done;
    void *context;
};

static int on_ended(void *context, uint32_t n)
{
    struct run *run = context;
    const struct rm_job *job = &run->jobs[n];
    uint32_t index = run->order[n];
    int r = rm_member_set_detail(&run->set->members[index], job->detail);
    if (r < 0)
        return r;
    struct rm_member_more *more = &run->set->more[index];
    more->started = job->kind == RM_UNIT_START && job->failure == RMX_FAIL_NONE;
    more->has_run = more->started && rm_unit_info_is_down(&job->info);
    return run->done(run->context, index, job->failure);
}

static void set_up(const struct rm_unitset *set, uint32_t index, enum rm_unit_job kind, struct rm_job *job)
{
    const struct rm_unit_member *member = &set->members[index];
    const struct rm_unit_info *info = &set->entries[set->more[index].entry]->info;
    bool start = kind == RM_UNIT_START;
    *job = (struct rm_job){.unit = member->name, .kind = kind};
    job->unsaid = member->part == RM_UNIT_DEPENDENT && (start ? info->refuses_start : info->refuses_stop);
    job->late = job->unsaid || (start && rm_unit_is_kind(member->name, ".target"));
}

/* Sockets, timers and paths before what they start: else they start it again at once, and a socket whose service is
 * up cannot be started at all. */
static void sort(const struct rm_unitset *set, const uint32_t members[], uint32_t count, uint32_t order[])
{
    uint32_t n = 0;
    for (int triggers = 1; triggers >= 0; triggers--)
        for (uint32_t i = 0; i < count; i++)
            if ((set->members[members[i]].part == RM_UNIT_TRIGGER) == triggers)
                order[n++] = members[i];
}

int rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job kind, const uint32_t members[], uint32_t count,
                        const struct rm_wait *wait, rm_unit_done done, void *context)
{
    struct rm_managers managers = {0};
    uint32_t *order = calloc((size_t)count + 1, sizeof(*order));
    struct rm_job *jobs = calloc((size_t)count + 1, sizeof(*jobs));
    struct run run = {.set = set, .order = order, .jobs = jobs, .done = done, .context = context};
    int r = order && jobs ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < count && r == 0; i++)
        if (members[i] >= set->member_count)
            r = -EINVAL;
    if (r == 0)
        sort(set, members, count, order);
    for (uint32_t i = 0; i < count && r == 0; i++) {
        set_up(set, order[i], kind, &jobs[i]);
        int error = rm_managers_get(&managers, set->members[order[i]].manager_uid, wait, &jobs[i].manager);
        if (error == -ENOMEM || error == -ECANCELED || error == -EINTR)
            r = error;
        jobs[i].call_error = error;
        if (error)
            snprintf(jobs[i].words, sizeof(jobs[i].words), "the service manager cannot be reached");
    }
    if (r == 0)
        r = rm_jobs_run(jobs, count, managers.managers, managers.count, wait, on_ended, &run);
    rm_managers_done(&managers);
    free(jobs);
    free(order);
    return r;
}

/* It was up, or on its way, when its start had ended. */
static int note_end(struct rm_unit_member *member, const struct rm_unit_info *info)
{
    struct rm_job job = {.kind = RM_UNIT_START, .outcome = "done", .info = *info};
    job.info.conditions_hold = 1;
    rm_job_judge(&job);
    return rm_member_set_detail(member, job.detail);
}

/* Ours: a main process that has ended before it could be looked at is asked about once more.  Its manager, whom the
 * system told before anybody else could see it, knows by then what that means for the unit. */
static int ask(struct rm_manager *m, struct rm_unit_info *info, const struct rm_wait *wait, RM_UNIQUE_PROCESS *ret_main)
{
    int r = 0;
    *ret_main = (RM_UNIQUE_PROCESS){0};
    for (int times = 0; r == 0 && times < 2; times++) {
        r = rm_units_ask(m, info, 1, wait);
        if (r == 0)
            r = info->error;
        if (r == 0)
            *ret_main = rm_member_main_process(info);
        if (!info->main_pid || ret_main->dwProcessId)
            break;
    }
    return r;
}

int rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                          RM_UNIQUE_PROCESS *ret_main)
{
    struct rm_managers managers = {0};
    struct rm_unit_info info = {0};
    RM_UNIQUE_PROCESS process;
    struct rm_manager *m;
    if (index >= set->member_count)
        return -EINVAL;
    snprintf(info.asked, sizeof(info.asked), "%s", set->members[index].name);
    int r = rm_managers_get(&managers, set->members[index].manager_uid, wait, &m);
    if (r == 0)
        r = ask(m, &info, wait, &process);
    rm_managers_done(&managers);
    if (r < 0)
        return r == -ECANCELED || r == -EINTR || r == -ENOMEM || r == -ETIMEDOUT ? r : -EHOSTUNREACH;
    bool has_run = set->more[index].has_run && strcmp(info.state, "inactive") == 0;
    bool up = info.load == RM_LOAD_FOUND && (info.active || has_run);
    if (!up && set->more[index].started) {
        r = note_end(&set->members[index], &info);
        if (r < 0)
            return r;
    }
    *ret_up = up;
    *ret_main = process;
    return 0;
}
