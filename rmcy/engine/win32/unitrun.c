/* SPDX-License-Identifier: MIT
 *
 * Jobs with services.  The service manager refuses to stop one that another
 * needs, and where this runs it does not start what one needs: so each has its
 * turn when those before it are done.
 *
 * A service is down when it says so and, if it has a process for itself, that
 * has ended: until then it holds its files.
 */
#include "members.h"
#include "notice.h"
#include "procref.h"
#include "waiting.h"

#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
    struct rm_unit *unit;
    uint32_t member;
    SC_HANDLE service;
    HANDLE process; /* its own, or NULL */
    struct rm_notice *notice;
    bool asked, done;
};

struct run {
    enum rm_unit_job kind;
    struct job *jobs;
    uint32_t count;
    rm_unit_done done;
    void *context;
};

static int finish(struct run *run, struct job *job, uint32_t failure, const char *detail, DWORD code)
{
    struct rm_unit *unit = job->unit;
    job->done = true;
    unit->member.detail = NULL;
    if (failure && detail) {
        snprintf(unit->detail, sizeof(unit->detail), "%s (code %lu)", detail, (unsigned long)code);
        unit->member.detail = unit->detail;
    }
    return run->done(run->context, job->member, failure);
}

static uint32_t failure_of(DWORD code)
{
    switch (code) {
    case ERROR_ACCESS_DENIED:
        return RMX_FAIL_PERMISSION;
    case ERROR_SERVICE_REQUEST_TIMEOUT:
        return RMX_FAIL_TIMEOUT;
    default:
        return RMX_FAIL_MANAGER;
    }
}

/* ---- whose turn it is ---- */

static bool goes_before(const struct run *run, const struct job *first, const struct job *second)
{
    return run->kind == RM_UNIT_START ? rm_unit_needs(second->unit, first->unit)
                                      : rm_unit_needs(first->unit, second->unit);
}

static bool has_its_turn(const struct run *run, const struct job *job)
{
    if (run->kind == RM_UNIT_KILL)
        return true;
    for (uint32_t i = 0; i < run->count; i++)
        if (!run->jobs[i].done && &run->jobs[i] != job && goes_before(run, &run->jobs[i], job))
            return false;
    return true;
}

/* ---- asking ---- */

/* Where the process is not the service's own, or may not be watched, the manager's word has to do. */
static void open_own_process(struct job *job, const struct rm_unit_state *state, DWORD access)
{
    if (!job->process && job->unit->own && state->pid && state->state != SERVICE_STOPPED &&
        rm_process_open(state->pid, access, &job->process) < 0)
        job->process = NULL;
}

static int ask_to_stop(struct run *run, struct job *job)
{
    SERVICE_STATUS status;
    if (ControlService(job->service, SERVICE_CONTROL_STOP, &status))
        return 0;
    DWORD code = GetLastError();
    /* The first one has stopped meanwhile; the second is on its way, be it up or down. */
    if (code == ERROR_SERVICE_NOT_ACTIVE || code == ERROR_SERVICE_CANNOT_ACCEPT_CTRL)
        return 0;
    return finish(run, job, failure_of(code), "the service manager refuses to stop it", code);
}

static int ask_to_start(struct run *run, struct job *job)
{
    if (StartServiceW(job->service, 0, NULL) || GetLastError() == ERROR_SERVICE_ALREADY_RUNNING)
        return 0;
    DWORD code = GetLastError();
    return finish(run, job, failure_of(code), "the service manager did not start it", code);
}

static int kill_it(struct run *run, struct job *job, const struct rm_unit_state *state)
{
    HANDLE process;
    if (state->state == SERVICE_STOPPED)
        return 0;
    if (!job->unit->own)
        return finish(run, job, RMX_FAIL_MANAGER, "it shares its process with other services", ERROR_NOT_SUPPORTED);
    int r = rm_process_open(state->pid, PROCESS_TERMINATE, &process);
    if (r == -ESRCH)
        return 0;
    if (r == 0 && !TerminateProcess(process, ERROR_PROCESS_ABORTED) && !rm_process_ended(process)) {
        CloseHandle(process);
        r = -EACCES;
    }
    if (r == 0 || r == -EACCES) {
        job->process = r == 0 ? process : NULL;
        return r == 0 ? 0 : finish(run, job, RMX_FAIL_PERMISSION, NULL, 0);
    }
    return finish(run, job, RMX_FAIL_SYSTEM, NULL, 0);
}

static int ask(struct run *run, struct job *job, const struct rm_unit_state *state)
{
    job->asked = true;
    if (run->kind == RM_UNIT_START)
        return ask_to_start(run, job);
    if (run->kind == RM_UNIT_KILL)
        return kill_it(run, job, state);
    open_own_process(job, state, 0);
    return state->state == SERVICE_STOPPED ? 0 : ask_to_stop(run, job);
}

/* ---- seeing what has become of it ---- */

static int look_at_stop(struct run *run, struct job *job, const struct rm_unit_state *state)
{
    if (job->process ? rm_process_ended(job->process) : state->state == SERVICE_STOPPED)
        return finish(run, job, RMX_FAIL_NONE, NULL, 0);
    return 0;
}

static int look_at_start(struct run *run, struct job *job, const struct rm_unit_state *state)
{
    if (state->state == SERVICE_RUNNING || state->state == SERVICE_PAUSED)
        return finish(run, job, RMX_FAIL_NONE, NULL, 0);
    if (state->state == SERVICE_STOPPED)
        return finish(run, job, RMX_FAIL_ENDED, "it was started and has stopped again", state->state);
    return 0;
}

/* *ret_state: what it is in, or 0. */
static int look(struct run *run, struct job *job, DWORD *ret_state)
{
    struct rm_unit_state state;
    int r = 0;
    *ret_state = 0;
    if (rm_unit_state_ask(job->service, &state) < 0)
        return finish(run, job, RMX_FAIL_UNREACHABLE, NULL, 0);
    /* One that is on its way up is asked to stop when it has got there, and the other way round. */
    bool moving = state.state == SERVICE_START_PENDING || state.state == SERVICE_STOP_PENDING;
    if (!job->asked && (!moving || run->kind == RM_UNIT_KILL)) {
        r = ask(run, job, &state);
        if (r == 0 && !job->done && rm_unit_state_ask(job->service, &state) < 0)
            r = finish(run, job, RMX_FAIL_UNREACHABLE, NULL, 0);
    }
    if (r == 0 && !job->done && job->asked)
        r = run->kind == RM_UNIT_START ? look_at_start(run, job, &state) : look_at_stop(run, job, &state);
    *ret_state = state.state;
    return r;
}

/* ---- the run ---- */

static void close_handles(struct job *job)
{
    rm_notice_free(job->notice);
    job->notice = NULL;
    if (job->service)
        CloseServiceHandle(job->service);
    job->service = NULL;
    if (job->process)
        CloseHandle(job->process);
    job->process = NULL;
}

static int open_service(SC_HANDLE manager, struct run *run, struct job *job)
{
    DWORD access = SERVICE_QUERY_STATUS;
    if (run->kind != RM_UNIT_KILL)
        access |= run->kind == RM_UNIT_START ? SERVICE_START : SERVICE_STOP;
    job->service = OpenServiceW(manager, job->unit->wide, access);
    if (job->service)
        return 0;
    DWORD code = GetLastError();
    if (code == ERROR_SERVICE_DOES_NOT_EXIST && run->kind != RM_UNIT_START)
        return finish(run, job, RMX_FAIL_NONE, NULL, 0);
    return finish(run, job, failure_of(code), "the service manager does not give it", code);
}

/* A word of the manager's when it comes to another state.  *ret_missed: it has come to one already. */
static int listen_to(struct job *job, DWORD current, bool *ret_missed)
{
    static const struct {
        DWORD state, notify;
    } states[] = {
        {SERVICE_STOPPED, SERVICE_NOTIFY_STOPPED},
        {SERVICE_RUNNING, SERVICE_NOTIFY_RUNNING},
        {SERVICE_PAUSED, SERVICE_NOTIFY_PAUSED},
        {SERVICE_START_PENDING, SERVICE_NOTIFY_START_PENDING},
        {SERVICE_STOP_PENDING, SERVICE_NOTIFY_STOP_PENDING},
    };
    struct rm_unit_state state;
    DWORD others = 0;
    if (job->notice && !rm_notice_is_spoken(job->notice))
        return 0;
    rm_notice_free(job->notice);
    job->notice = NULL;
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
        others |= states[i].state == current ? 0 : states[i].notify;
    int r = rm_notice_new(job->service, others, &job->notice);
    *ret_missed |= rm_unit_state_ask(job->service, &state) < 0 || state.state != current;
    return r == -ENOMEM ? r : 0; /* else the deadline has to do */
}

/* Everybody whose turn it is.  *ret_again: something has moved meanwhile. */
static int go_round(struct run *run, bool *ret_again)
{
    int r = 0;
    *ret_again = false;
    for (uint32_t i = 0; r == 0 && i < run->count; i++) {
        struct job *job = &run->jobs[i];
        DWORD state;
        if (job->done || !has_its_turn(run, job))
            continue;
        r = look(run, job, &state);
        if (job->done) {
            close_handles(job);
            *ret_again = true;
        } else if (r == 0) {
            r = listen_to(job, state, ret_again);
        }
    }
    return r;
}

static bool any_left(const struct run *run)
{
    for (uint32_t i = 0; i < run->count; i++)
        if (!run->jobs[i].done)
            return true;
    return false;
}

static int wait_for_news(const struct run *run, const struct rm_wait *wait)
{
    HANDLE handles[RM_HANDLES_MAX + 1];
    DWORD count = 0;
    for (uint32_t i = 0; i < run->count && count < RM_HANDLES_MAX; i++)
        if (!run->jobs[i].done && run->jobs[i].process)
            handles[count++] = run->jobs[i].process;
    return rm_notices_wait(wait, handles, count);
}

/* What is stopped is stopped, even where its process takes longer. */
static int conclude(struct run *run)
{
    struct rm_unit_state state;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < run->count; i++) {
        struct job *job = &run->jobs[i];
        if (job->done)
            continue;
        bool down = run->kind != RM_UNIT_START && rm_unit_state_ask(job->service, &state) == 0 &&
                    state.state == SERVICE_STOPPED;
        r = finish(run, job, down ? RMX_FAIL_NONE : RMX_FAIL_TIMEOUT, NULL, 0);
    }
    return r;
}

static int do_jobs(struct run *run, const struct rm_wait *wait)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    bool again = true;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < run->count; i++)
        r = manager ? open_service(manager, run, &run->jobs[i])
                    : finish(run, &run->jobs[i], RMX_FAIL_UNREACHABLE, NULL, 0);
    if (manager)
        CloseServiceHandle(manager);
    while (r == 0 && any_left(run)) {
        if (rm_wait_check(wait) == -ECANCELED)
            r = -ECANCELED;
        if (r == 0)
            r = go_round(run, &again);
        if (r == 0 && !again)
            r = wait_for_news(run, wait);
    }
    return r == -ETIMEDOUT ? conclude(run) : r;
}

int rm_host_unitset_run(struct rm_unitset *set, enum rm_unit_job kind, const uint32_t members[], uint32_t count,
                        const struct rm_wait *wait, rm_unit_done done, void *context)
{
    struct run run = {
        .kind = kind,
        .jobs = calloc((size_t)count + 1, sizeof(*run.jobs)),
        .count = count,
        .done = done,
        .context = context,
    };
    if (!run.jobs)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        run.jobs[i].unit = set->units[members[i]];
        run.jobs[i].member = members[i];
    }
    int r = do_jobs(&run, wait);
    for (uint32_t i = 0; i < count; i++)
        close_handles(&run.jobs[i]);
    free(run.jobs);
    return r;
}

int rm_host_unitset_is_up(struct rm_unitset *set, uint32_t index, const struct rm_wait *wait, bool *ret_up,
                          RM_UNIQUE_PROCESS *ret_main)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = manager ? OpenServiceW(manager, set->units[index]->wide, SERVICE_QUERY_STATUS) : NULL;
    struct rm_unit_state state;
    RM_UNIQUE_PROCESS process = {0};
    int r = service ? rm_unit_state_ask(service, &state) : -EHOSTUNREACH;
    (void)wait; /* it answers at once */
    if (service)
        CloseServiceHandle(service);
    if (manager)
        CloseServiceHandle(manager);
    if (r < 0)
        return -EHOSTUNREACH;
    if (state.pid)
        rm_host_process(state.pid, &process);
    *ret_up = state.state == SERVICE_RUNNING || state.state == SERVICE_PAUSED || state.state == SERVICE_START_PENDING;
    *ret_main = process;
    return 0;
}
