/* SPDX-License-Identifier: MIT
 *
 * A manager is told to send its signals before it is asked for a job, on the
 * same connection: it reads them in that order.  It answers with the number of
 * the job before it says that the job has been removed.  So nothing is missed,
 * and nothing of it is waited for in between.
 *
 * What a call means for a unit that already has a job is the manager's affair:
 * a stop joins the one that is there, whoever asked for it, and takes the
 * place of a start.
 */
#include "jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACE "org.freedesktop.systemd1.Manager"
/* Ours.  A service that is killed goes through a few states, each of which may have processes of its own. */
#define KILLS_MAX 16

#define JOB_OF(POINTER, FIELD) ((struct rm_job *)(void *)((char *)(POINTER) - offsetof(struct rm_job, FIELD)))

/* What one manager sends. */
struct talk {
    struct rm_manager *manager;
    struct rm_jobs *run;
    struct rm_call subscribe;
    sd_bus_slot *removals;
};

struct rm_jobs {
    struct rm_job *jobs;
    uint32_t count, early_left;
    bool late_begun;
    struct talk *talks;
    uint32_t talk_count;
    rm_job_ended ended;
    void *context;
    int error; /* what ends the run */
};

static void keep(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

/* Nothing more is awaited of anybody. */
static void stop(struct rm_jobs *run, int error)
{
    if (!run->error)
        run->error = error;
    for (uint32_t i = 0; i < run->talk_count; i++)
        if (!run->talks[i].manager->error)
            run->talks[i].manager->error = error;
}

static void begin_late(struct rm_jobs *run);

static void end(struct rm_job *job)
{
    struct rm_jobs *run = job->run;
    job->phase = RM_JOB_ENDED;
    rm_job_judge(job);
    if (!run->error) {
        int r = run->ended(run->context, (uint32_t)(job - run->jobs));
        if (r < 0)
            stop(run, r);
    }
    if (!job->late && !--run->early_left && !run->error)
        begin_late(run);
}

static void end_refused(struct rm_job *job, int error, const char *words)
{
    job->call_error = error;
    keep(job->words, sizeof(job->words), words);
    end(job);
}

/* ---- afterwards ---- */

static void on_state(struct rm_question *question)
{
    struct rm_job *job = JOB_OF(question, question);
    if (job->phase == RM_JOB_ASKED)
        end(job);
}

static void ask_state(struct rm_job *job)
{
    job->phase = RM_JOB_ASKED;
    job->info = (struct rm_unit_info){0};
    keep(job->info.asked, sizeof(job->info.asked), job->unit);
    job->question = (struct rm_question){.info = &job->info, .answered = on_state};
    int r = rm_question_send(&job->question, job->manager);
    if (r == -ENOMEM)
        stop(job->run, r);
    else if (r < 0)
        end_refused(job, -EHOSTUNREACH, "the service manager does not answer");
}

/* ---- the job ---- */

static void on_killed(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error);

static void send_kill(struct rm_job *job)
{
    if (job->killing || job->kills >= KILLS_MAX) {
        job->kill_again = job->killing;
        return;
    }
    rm_call_done(&job->kill);
    job->kill = (struct rm_call){.replied = on_killed};
    int r = rm_call_new(&job->kill, job->manager, RM_MANAGER_OBJECT, INTERFACE, "KillUnit");
    const int32_t signal = 9; /* SIGKILL, everywhere */
    if (r == 0)
        r = rm_call_append(&job->kill, job->unit);
    if (r == 0)
        r = rm_call_append(&job->kill, "all");
    if (r == 0)
        r = job->manager->sd->append_basic(job->kill.message, 'i', &signal);
    if (r >= 0)
        r = rm_call_send(&job->kill);
    if (r == -ENOMEM)
        stop(job->run, r);
    job->killing = r >= 0;
    job->kills++;
    job->kill_again = false;
}

/* That there is nothing to kill is no failure; what is refused for other reasons is refused for the job, too. */
static void on_killed(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    struct rm_job *job = JOB_OF(call, kill);
    (void)reply;
    (void)error;
    job->killing = false;
    if (job->kill_again && job->phase != RM_JOB_ENDED)
        send_kill(job);
}

/* Stopped by way of one more state, with processes of its own: ExecStop=, ExecStopPost=. */
static int on_change(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct rm_job *job = userdata;
    (void)message;
    (void)error;
    if (job->phase == RM_JOB_RUNS)
        send_kill(job);
    return 0;
}

static int watch_changes(struct rm_job *job)
{
    const struct rm_sdbus *sd = job->manager->sd;
    char *path = NULL;
    int r = sd->path_encode(RM_MANAGER_OBJECT "/unit", job->unit, &path);
    if (r >= 0)
        r = sd->match_signal_async(job->manager->bus, &job->changes, RM_MANAGER_NAME, path,
                                   "org.freedesktop.DBus.Properties", "PropertiesChanged", on_change, NULL, job);
    free(path);
    return r < 0 ? r : 0;
}

static int on_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct talk *talk = userdata;
    struct rm_jobs *run = talk->run;
    const struct rm_sdbus *sd = talk->manager->sd;
    const char *path, *unit, *outcome;
    uint32_t id;
    (void)error;
    if (sd->read_basic(message, 'u', &id) <= 0 || sd->read_basic(message, 'o', &path) <= 0 ||
        sd->read_basic(message, 's', &unit) <= 0 || sd->read_basic(message, 's', &outcome) <= 0)
        return 0;
    for (uint32_t i = 0; i < run->count; i++) {
        struct rm_job *job = &run->jobs[i];
        if (job->phase != RM_JOB_RUNS || job->manager != talk->manager || job->id != id)
            continue;
        job->manager->waiting--;
        keep(job->outcome, sizeof(job->outcome), outcome);
        ask_state(job);
    }
    return 0;
}

static void on_accepted(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    struct rm_job *job = JOB_OF(call, call);
    const char *path, *number;
    int r = error ? rm_call_error(error) : 0;
    if (error) {
        if (r == -EHOSTUNREACH) {
            end_refused(job, r, "the service manager does not answer");
            return;
        }
        job->call_error = r ? r : -EPROTO;
        keep(job->words, sizeof(job->words), error->message ? error->message : error->name);
        ask_state(job);
    } else if (call->manager->sd->read_basic(reply, 'o', &path) > 0 && (number = strrchr(path, '/')) != NULL) {
        job->id = (uint32_t)strtoul(number + 1, NULL, 10);
        job->phase = RM_JOB_RUNS;
        job->manager->waiting++;
    } else {
        end_refused(job, -EPROTO, "the service manager gave an answer without sense");
    }
}

static void on_ignored(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    (void)call;
    (void)reply;
    (void)error;
}

/* A oneshot that has run, or whose conditions do not hold, would be forgotten by its manager at once.  It comes to this
 * before it comes to the job, and forgets it with the connection. */
static int hold(struct rm_job *job)
{
    job->hold = (struct rm_call){.replied = on_ignored};
    int r = rm_call_new(&job->hold, job->manager, RM_MANAGER_OBJECT, INTERFACE, "RefUnit");
    if (r == 0)
        r = rm_call_append(&job->hold, job->unit);
    return r < 0 ? r : rm_call_send(&job->hold);
}

static void begin(struct rm_job *job)
{
    bool start = job->kind == RM_UNIT_START;
    if (!job->manager) {
        end(job);
        return;
    }
    if (job->manager->error) {
        end_refused(job, -EHOSTUNREACH, "the connection to the service manager is lost");
        return;
    }
    if (job->unsaid) {
        ask_state(job);
        return;
    }
    job->phase = RM_JOB_CALLED;
    job->call = (struct rm_call){.replied = on_accepted};
    int r = job->kind == RM_UNIT_KILL ? watch_changes(job) : 0;
    if (r == 0)
        r = rm_call_new(&job->call, job->manager, RM_MANAGER_OBJECT, INTERFACE, start ? "StartUnit" : "StopUnit");
    if (r == 0)
        r = rm_call_append(&job->call, job->unit);
    /* A target that went down with a unit is only what it was: its wishes may have been stopped by hand. */
    if (r == 0)
        r = rm_call_append(&job->call, start && job->late ? "ignore-dependencies" : "replace");
    if (r == 0)
        r = rm_call_send(&job->call);
    if (r == 0 && start)
        r = hold(job);
    if (r == 0 && job->kind == RM_UNIT_KILL)
        send_kill(job);
    if (r == -ENOMEM)
        stop(job->run, r);
    else if (r < 0)
        end_refused(job, -EHOSTUNREACH, "the connection to the service manager is lost");
}

static void begin_late(struct rm_jobs *run)
{
    if (run->late_begun)
        return;
    run->late_begun = true;
    for (uint32_t i = 0; i < run->count; i++)
        if (run->jobs[i].late)
            begin(&run->jobs[i]);
}

/* ---- the run ---- */

/* Should it be refused: a manager sends what is about one's own jobs anyway. */
static int subscribe(struct talk *talk)
{
    struct rm_manager *m = talk->manager;
    talk->subscribe = (struct rm_call){.replied = on_ignored};
    int r = m->sd->match_signal_async(m->bus, &talk->removals, RM_MANAGER_NAME, RM_MANAGER_OBJECT, INTERFACE,
                                      "JobRemoved", on_removed, NULL, talk);
    if (r >= 0)
        r = rm_call_new(&talk->subscribe, m, RM_MANAGER_OBJECT, INTERFACE, "Subscribe");
    if (r >= 0)
        r = rm_call_send(&talk->subscribe);
    if (r < 0 && !m->error)
        m->error = r == -ENOMEM ? r : -EHOSTUNREACH;
    return r == -ENOMEM ? r : 0;
}

/* Those that nothing more will be heard of. */
static uint32_t end_lost(struct rm_jobs *run, int r)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < run->count && !run->error; i++) {
        struct rm_job *job = &run->jobs[i];
        if (job->phase == RM_JOB_ENDED)
            continue;
        if (r == -ETIMEDOUT)
            end_refused(job, r, job->phase == RM_JOB_CALLED ? "the service manager had not answered by the deadline"
                                                            : "the job was not done by the deadline");
        else if (job->phase != RM_JOB_NEW && (job->manager->error || !job->manager->waiting))
            end_refused(job, -EHOSTUNREACH, "the connection to the service manager is lost");
        left += job->phase != RM_JOB_ENDED;
    }
    return left;
}

static int converse(struct rm_jobs *run, struct rm_manager *const managers[], uint32_t count,
                    const struct rm_wait *wait)
{
    uint32_t left = run->count;
    for (uint32_t i = 0; i < run->count && !run->error; i++)
        if (!run->jobs[i].late)
            begin(&run->jobs[i]);
    if (!run->early_left)
        begin_late(run);
    while (left && !run->error) {
        int r = rm_managers_converse(managers, count, wait);
        if (r == -ECANCELED || r == -EINTR || r == -ENOMEM)
            return run->error ? run->error : r;
        run->late_begun |= r < 0;
        left = end_lost(run, r);
    }
    return run->error;
}

static void release(struct rm_jobs *run)
{
    for (uint32_t i = 0; i < run->count; i++) {
        struct rm_job *job = &run->jobs[i];
        rm_call_done(&job->call);
        rm_call_done(&job->kill);
        rm_call_done(&job->hold);
        rm_call_done(&job->question.call);
        if (job->changes)
            job->manager->sd->slot_unref(job->changes);
        job->changes = NULL;
    }
    for (uint32_t i = 0; i < run->talk_count; i++) {
        rm_call_done(&run->talks[i].subscribe);
        if (run->talks[i].removals)
            run->talks[i].manager->sd->slot_unref(run->talks[i].removals);
    }
    free(run->talks);
}

int rm_jobs_run(struct rm_job *jobs, uint32_t count, struct rm_manager *const managers[], uint32_t manager_count,
                const struct rm_wait *wait, rm_job_ended ended, void *context)
{
    struct rm_jobs run = {.jobs = jobs, .count = count, .ended = ended, .context = context};
    int r = 0;
    run.talks = calloc((size_t)manager_count + 1, sizeof(*run.talks));
    if (!run.talks)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        jobs[i].run = &run;
        run.early_left += !jobs[i].late;
    }
    for (uint32_t i = 0; i < manager_count && r == 0; i++)
        if (managers[i]) {
            struct talk *talk = &run.talks[run.talk_count++];
            *talk = (struct talk){.manager = managers[i], .run = &run};
            r = subscribe(talk);
        }
    if (r == 0)
        r = converse(&run, managers, manager_count, wait);
    release(&run);
    return r;
}
