/* SPDX-License-Identifier: MIT
 *
 * What is made of the end of a job: all that managers say, also what a real one
 * hardly ever does.
 */
#include "jobs.h"

#include "check.h"

#include <signal.h>

#define STATE(ACTIVE, SUB, ...)                                                                                        \
    {.load = RM_LOAD_FOUND, .state = ACTIVE, .substate = SUB, .conditions_hold = 1, __VA_ARGS__}
#define DOWN(...) STATE("inactive", "dead", __VA_ARGS__)
#define FAILED(...) STATE("failed", "failed", __VA_ARGS__)
#define UP() STATE("active", "running", .active = true)
#define UNKNOWN(ERROR) {.load = RM_LOAD_UNKNOWN, .error = ERROR}
/* The rest: how the unit is found, and what else there is to the job. */
#define V(KIND, OUTCOME, FAILURE, SAYS, ...)                                                                           \
    {.kind = RM_UNIT_##KIND, .outcome = OUTCOME, .failure = RMX_FAIL_##FAILURE, .says = SAYS, .info = __VA_ARGS__}

static const struct verdict {
    enum rm_unit_job kind;
    const char *outcome;
    uint32_t failure;
    const char *says; /* part of the detail; NULL: there is none */
    struct rm_unit_info info;
    int call_error;
    bool unsaid;
} verdicts[] = {
    V(STOP, "done", NONE, NULL, DOWN()),
    V(STOP, "done", NONE, NULL, FAILED(.result = "timeout")), /* killed by its manager: down */
    V(STOP, "done", NONE, NULL, {.load = RM_LOAD_ABSENT}),
    V(STOP, "done", MANAGER, "\"active\" again (running)", UP()),
    V(STOP, "canceled", MANAGER, "canceled", UP()),
    V(STOP, "canceled", NONE, NULL, DOWN()),
    V(STOP, "timeout", TIMEOUT, "timeout", UP()),
    V(STOP, "failed", MANAGER, "\"failed\"; the unit is \"active\"", UP()),
    V(KILL, "done", NONE, NULL, FAILED(.result = "signal")),
    V(KILL, "done", MANAGER, "deactivating", STATE("deactivating", "stop-post")),

    V(START, "done", NONE, NULL, UP()),
    V(START, "canceled", NONE, NULL, UP()), /* somebody else's start took its place */
    V(START, "canceled", MANAGER, "canceled", DOWN()),
    V(START, "done", NONE, NULL, DOWN(.type = "oneshot", .result = "success")),
    V(START, "failed", MANAGER, "\"failed\": \"exit-code\", exit status 7",
      FAILED(.type = "oneshot", .result = "exit-code", .exit_code = CLD_EXITED, .exit_status = 7)),
    V(START, "done", MANAGER, "conditions", {.load = RM_LOAD_FOUND, .state = "inactive", .type = "oneshot"}),
    V(START, "done", ENDED, "its result is", DOWN(.type = "simple", .result = "success")),
    V(START, "done", ENDED, "\"signal\", signal 11",
      FAILED(.type = "simple", .result = "signal", .exit_code = CLD_KILLED, .exit_status = 11)),
    V(START, "done", ENDED, "exit-code", STATE("activating", "auto-restart", .result = "exit-code")),
    V(START, "done", ENDED, "its result is", STATE("activating", "auto-restart-queued")),
    V(START, "failed", START_LIMIT, "start-limit-hit", FAILED(.result = "start-limit-hit")),
    V(START, "failed", TIMEOUT, "timeout", FAILED(.result = "timeout")),
    V(START, "timeout", TIMEOUT, "timeout", DOWN()),
    V(START, "dependency", MANAGER, "dependency", DOWN()),
    V(START, "assert", MANAGER, "\"assert\"", DOWN(.result = "success")),
    V(START, "of later times", MANAGER, "\"of later times\"", DOWN()),

    V(STOP, "", PERMISSION, "words", UP(), .call_error = -EACCES),
    V(STOP, "", NONE, NULL, DOWN(), .call_error = -EACCES), /* it is what it should be */
    V(STOP, "", UNREACHABLE, "words", UNKNOWN(0), .call_error = -EHOSTUNREACH),
    V(STOP, "", TIMEOUT, "words", UNKNOWN(0), .call_error = -ETIMEDOUT),
    V(STOP, "done", UNREACHABLE, "does not say", UNKNOWN(-EPROTO)),
    V(START, "", MANAGER, "words", {.load = RM_LOAD_ABSENT}, .call_error = -ENOENT),
    V(START, "", MANAGER, "words", DOWN(), .call_error = -EPROTO),
    V(STOP, "", NONE, NULL, DOWN(), .unsaid = true),
    V(STOP, "", MANAGER, "by hand", UP(), .unsaid = true),
};

static void test_verdicts(void)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
        const struct verdict *v = &verdicts[i];
        struct rm_job job = {.kind = v->kind, .info = v->info, .call_error = v->call_error, .unsaid = v->unsaid,
                             .words = "words", .detail = "of before"};
        snprintf(job.outcome, sizeof(job.outcome), "%s", v->outcome);
        rm_job_judge(&job);
        if (job.failure != v->failure || (v->says ? !strstr(job.detail, v->says) : job.detail[0])) {
            fprintf(stderr, "verdict %zu: %u, \"%s\"\n", i, job.failure, job.detail);
            exit(1);
        }
    }
}

int main(void)
{
    RUN(test_verdicts);
    return 0;
}
