/* SPDX-License-Identifier: MIT
 *
 * Did a job do what it was for?  What counts is the state of the unit; how the
 * job ended says why not.
 */
#include "jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fail(struct rm_job *job, uint32_t failure, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fail(struct rm_job *job, uint32_t failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(job->detail, sizeof(job->detail), format, arguments);
    va_end(arguments);
    job->failure = failure;
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool waits_to_restart(const struct rm_unit_info *info)
{
    return strncmp(info->substate, "auto-restart", 12) == 0;
}

/* Ours: a unit that has to be run again is not up, and one that is starting for somebody else will be. */
static bool is_up(const struct rm_unit_info *info)
{
    return info->load == RM_LOAD_FOUND && rm_unit_info_is_moving(info) && !waits_to_restart(info);
}

/* It has done its work, and left nothing behind. */
static bool has_run(const struct rm_unit_info *info)
{
    return rm_unit_info_is_down(info) && is(info->type, "oneshot") && is(info->result, "success") &&
           info->conditions_hold;
}

static const char *describe_end(const struct rm_unit_info *info, char *to, size_t size)
{
    if (info->exit_code == CLD_EXITED)
        snprintf(to, size, ", exit status %d", info->exit_status);
    else if (info->exit_code)
        snprintf(to, size, ", signal %d", info->exit_status);
    else
        *to = '\0';
    return to;
}

/* The call itself was refused, or there was nobody to call. */
static void judge_refusal(struct rm_job *job)
{
    uint32_t failure = RMX_FAIL_MANAGER;
    if (job->call_error == -EACCES)
        failure = RMX_FAIL_PERMISSION;
    else if (job->call_error == -EHOSTUNREACH)
        failure = RMX_FAIL_UNREACHABLE;
    else if (job->call_error == -ETIMEDOUT)
        failure = RMX_FAIL_TIMEOUT;
    fail(job, failure, "%s", job->words);
}

static void judge_start(struct rm_job *job)
{
    const struct rm_unit_info *info = &job->info;
    char end[48];
    describe_end(info, end, sizeof(end));
    if (is(info->result, "start-limit-hit"))
        fail(job, RMX_FAIL_START_LIMIT, "it was started too often: \"start-limit-hit\"");
    else if (is(job->outcome, "timeout") || (is(job->outcome, "failed") && is(info->result, "timeout")))
        fail(job, RMX_FAIL_TIMEOUT, "the start took longer than its unit file allows: \"timeout\"");
    else if (is(job->outcome, "done") && !info->conditions_hold)
        fail(job, RMX_FAIL_MANAGER, "the conditions in its unit file do not hold");
    else if (is(job->outcome, "done"))
        fail(job, RMX_FAIL_ENDED, "its result is \"%s\"%s", info->result, end);
    else if (is(job->outcome, "dependency"))
        fail(job, RMX_FAIL_MANAGER, "a unit that it needs did not start: \"dependency\"");
    else if (is(job->outcome, "canceled"))
        fail(job, RMX_FAIL_MANAGER, "another job took the place of the start: \"canceled\"");
    else
        fail(job, RMX_FAIL_MANAGER, "the start ended with \"%s\": \"%s\"%s", job->outcome, info->result, end);
}

static void judge_stop(struct rm_job *job)
{
    const struct rm_unit_info *info = &job->info;
    if (is(job->outcome, "timeout"))
        fail(job, RMX_FAIL_TIMEOUT, "the stop took longer than is allowed: \"timeout\"");
    else if (is(job->outcome, "done"))
        fail(job, RMX_FAIL_MANAGER, "it was stopped and is \"%s\" again (%s)", info->state, info->substate);
    else if (is(job->outcome, "canceled"))
        fail(job, RMX_FAIL_MANAGER, "another job took the place of the stop: \"canceled\"");
    else
        fail(job, RMX_FAIL_MANAGER, "the stop ended with \"%s\"; the unit is \"%s\"", job->outcome, info->state);
}

void rm_job_judge(struct rm_job *job)
{
    const struct rm_unit_info *info = &job->info;
    bool start = job->kind == RM_UNIT_START;
    job->failure = RMX_FAIL_NONE;
    job->detail[0] = '\0';
    if (info->load != RM_LOAD_UNKNOWN && (start ? is_up(info) : rm_unit_info_is_down(info)))
        return;
    if (job->call_error)
        judge_refusal(job);
    else if (info->load == RM_LOAD_UNKNOWN)
        fail(job, RMX_FAIL_UNREACHABLE, "the service manager does not say what has become of it");
    else if (job->unsaid)
        fail(job, RMX_FAIL_MANAGER, "it is \"%s\" after all jobs have ended, and may not be asked for by hand",
             info->state);
    else if (!start)
        judge_stop(job);
    else if (!is(job->outcome, "done") || !has_run(info))
        judge_start(job);
}
