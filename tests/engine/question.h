/* SPDX-License-Identifier: MIT
 *
 * A question to the scanner and its answer, as the tests ask them.
 */
#pragma once

#include "check.h"
#include "pass.h"

static struct rm_way way = {.proc = "/proc"};

struct question {
    struct rm_resources *resources;
    DWORD flags;
    const struct rm_critical *critical; /* or NULL */
};

static inline void question_reserve(struct rm_resources *r)
{
    struct rm_resources_need need = {.files = 8, .odd = 8, .processes = 8, .services = 8, .text = 8192, .devices = 8};
    CHECK_EQUAL(rm_resources_reserve(r, &need), 0);
}

static inline struct question question_new(void)
{
    struct question q = {0};
    CHECK_EQUAL(rm_resources_new(&q.resources), 0);
    question_reserve(q.resources);
    return q;
}

static inline struct question question_about(const char *path)
{
    struct question q = question_new();
    struct rm_identity id;
    CHECK_EQUAL(rm_host_identify(path, &id), 0);
    CHECK(!rm_identity_is_odd(&id));
    rm_resources_add_file(q.resources, path, &id);
    return q;
}

static inline RMX_LIST *question_ask(const struct question *q)
{
    struct rm_wait wait = {.deadline = RM_NO_DEADLINE, .cancel_fd = -1};
    struct rm_scan scan = {.resources = q->resources, .flags = q->flags, .wait = &wait, .critical = q->critical};
    struct rm_answer *answer;
    RMX_LIST *list;
    CHECK_EQUAL(rm_answer_new(&answer), 0);
    CHECK_EQUAL(rm_pass_run(&scan, &way, answer), 0);
    CHECK_EQUAL(rm_answer_finish_take(answer, q->resources, 1, "test", &list), 0);
    return list;
}

static inline void question_done(struct question *q)
{
    rm_resources_free(q->resources);
    q->resources = NULL;
}

static inline int answer_row(const RMX_LIST *list, pid_t pid)
{
    for (uint32_t i = 0; i < list->app_count; i++)
        if (list->rows[i].Process.dwProcessId == (DWORD)pid)
            return (int)i;
    return -1;
}

#define KIND(k) (1u << (k))
#define DELETED 0x100u

/* The kinds of use that the answer tells of this process; DELETED if any is of a file without a name. */
static inline unsigned answer_kinds(const RMX_LIST *list, pid_t pid)
{
    int row = answer_row(list, pid);
    unsigned kinds = 0;
    if (row < 0)
        return 0;
    for (uint32_t i = 0; i < list->apps[row].use_count; i++) {
        const RMX_USE *use = &list->uses[list->apps[row].first_use + i];
        kinds |= KIND(use->kind) | (use->deleted ? DELETED : 0);
    }
    return kinds;
}

static inline int answer_skips(const RMX_LIST *list, uint32_t cause, uint32_t pid)
{
    for (uint32_t i = 0; i < list->skip_count; i++) {
        const RMX_SKIP *s = &list->skips[i];
        if (s->cause != cause)
            continue;
        if (!pid)
            return 1;
        for (uint32_t k = 0; k < s->pid_count; k++)
            if (list->pids[s->first_pid + k] == pid)
                return 1;
    }
    return 0;
}

/* Asks and gives the kinds for one process. */
static inline unsigned question_kinds(const struct question *q, pid_t pid)
{
    RMX_LIST *list = question_ask(q);
    unsigned kinds = answer_kinds(list, pid);
    free(list);
    return kinds;
}

static inline int question_skips(const struct question *q, uint32_t cause, pid_t pid)
{
    RMX_LIST *list = question_ask(q);
    int skips = answer_skips(list, cause, (uint32_t)pid);
    free(list);
    return skips;
}
