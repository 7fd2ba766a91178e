/* SPDX-License-Identifier: MIT
 *
 * Processes are matched by control group alone; what a manager says adds to
 * that and takes nothing away.  All of it is ours, since Windows has no such
 * units:
 *
 * - an active service without a process (oneshot with RemainAfterExit=yes) is
 *   listed with process 0, start time 0: a shutdown would stop it;
 * - a name that no manager knows is among the missing names, as that of a file
 *   that is not there, and no error: the package may be yet to come;
 * - where the manager does not say, the answer is incomplete for what no
 *   process was found of, and right for the rest;
 * - names are the system's units; those it does not know, the caller's own.
 *   Other users' managers are never asked: each could make root wait.
 */
#include "services.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
/* Ours: how long managers may take to settle registered services, and to tell all long names; never more than half
 * of what the caller gives. */
#define SETTLE_TIME (5 * SECOND)
#define TITLE_TIME (1 * SECOND)

struct service {
    struct rm_unit_info info;
    uint32_t manager_uid; /* RMX_NO_UID: the system's */
    bool seen;
};

/* A manager, and whether it is still worth asking. */
struct talk {
    uint32_t uid;
    struct rm_manager *manager;
    int error;
};

struct rm_services {
    const struct rm_pass *pass;
    struct talk system, own;
    struct service *registered; /* one for each registered name, in their order */
    uint32_t registered_count;
    struct service *titled; /* others that long names were asked for */
    size_t titled_count, titled_space;
    struct rm_wait title_wait;
    bool title_begun;
};

/* After the first failure of a manager the rest of the pass does without it. */
static int ask(struct talk *t, struct rm_unit_info *units, uint32_t count, const struct rm_wait *wait)
{
    if (!t->error && !t->manager)
        t->error = rm_manager_open(t->uid, wait, &t->manager);
    if (t->error == -ENOMEM)
        return t->error;
    int r = t->error ? 0 : rm_units_ask(t->manager, units, count, wait);
    for (uint32_t i = 0; i < count; i++) {
        if (t->error)
            units[i].error = t->error;
        else if (units[i].error == -ETIMEDOUT || units[i].error == -EHOSTUNREACH)
            t->error = units[i].error;
    }
    return r;
}

/* Copies the questions that stand in one state, asks them together, and puts the answers back. */
static int ask_those(struct rm_services *s, struct talk *t, bool (*wanted)(const struct service *),
                     void (*take)(struct service *, const struct rm_unit_info *, uint32_t),
                     const struct rm_wait *wait)
{
    uint32_t n = 0, *which = calloc((size_t)s->registered_count + 1, sizeof(*which));
    struct rm_unit_info *infos = calloc((size_t)s->registered_count + 1, sizeof(*infos));
    int r = which && infos ? 0 : -ENOMEM;
    for (uint32_t i = 0; r == 0 && i < s->registered_count; i++)
        if (wanted(&s->registered[i])) {
            memcpy(infos[n].asked, s->registered[i].info.asked, sizeof(infos[n].asked));
            which[n++] = i;
        }
    if (n)
        r = ask(t, infos, n, wait);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        take(&s->registered[which[i]], &infos[i], t->uid);
    free(infos);
    free(which);
    return r;
}

static bool is_unasked(const struct service *service)
{
    return service->info.load == RM_LOAD_UNKNOWN;
}

static bool is_absent(const struct service *service)
{
    return service->info.load == RM_LOAD_ABSENT && service->info.asked[0];
}

static bool is_active_without_process(const struct service *service)
{
    const struct rm_unit_info *info = &service->info;
    return !service->seen && info->load == RM_LOAD_FOUND && info->active && !info->main_pid &&
           rm_unit_is_service(info->id);
}

static void take_any(struct service *service, const struct rm_unit_info *info, uint32_t uid)
{
    service->info = *info;
    service->manager_uid = uid;
}

/* Few users have a manager of their own: that there is none to ask leaves the unit absent. */
static void take_own(struct service *service, const struct rm_unit_info *info, uint32_t uid)
{
    if (info->load == RM_LOAD_FOUND || (info->error && info->error != -EHOSTUNREACH))
        take_any(service, info, uid);
}

static void take_later(struct service *service, const struct rm_unit_info *info, uint32_t uid)
{
    if (service->manager_uid == uid && info->load != RM_LOAD_UNKNOWN)
        service->info = *info;
}

static int settle(struct rm_services *s)
{
    const struct rm_pass *p = s->pass;
    struct rm_wait wait = rm_wait_at_most(p->scan->wait, SETTLE_TIME);
    for (uint32_t i = 0; i < s->registered_count; i++) {
        struct service *service = &s->registered[i];
        service->manager_uid = RMX_NO_UID;
        if (!rm_unit_info_name(&service->info, rm_resources_service(p->scan->resources, i))) {
            service->info = (struct rm_unit_info){.load = RM_LOAD_ABSENT};
        } else if (!p->way->units) {
            service->info.load = RM_LOAD_ABSENT;
        }
    }
    if (!p->way->units)
        return 0;
    int r = ask_those(s, &s->system, is_unasked, take_any, &wait);
    return r < 0 ? r : ask_those(s, &s->own, is_absent, take_own, &wait);
}

int rm_services_new(const struct rm_pass *p, struct rm_services **ret)
{
    uint32_t count = rm_resources_service_count(p->scan->resources);
    struct rm_services *s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    *s = (struct rm_services){.pass = p, .system = {.uid = RMX_NO_UID}, .own = {.uid = p->uid}};
    s->registered = calloc((size_t)count + 1, sizeof(*s->registered));
    int r = s->registered ? 0 : -ENOMEM;
    if (r == 0 && p->way->managers) {
        s->registered_count = count;
        r = settle(s);
    }
    if (r < 0) {
        rm_services_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void rm_services_free(struct rm_services *s)
{
    if (!s)
        return;
    rm_manager_free(s->system.manager);
    rm_manager_free(s->own.manager);
    free(s->registered);
    free(s->titled);
    free(s);
}

static bool is(const struct service *service, const struct rm_unit *unit)
{
    return service->info.load == RM_LOAD_FOUND && service->manager_uid == unit->manager_uid &&
           strcmp(service->info.id, unit->name) == 0;
}

static bool is_asked(const struct rm_services *s, uint32_t n, const struct rm_unit *unit)
{
    return rm_unit_is(unit, rm_resources_service(s->pass->scan->resources, n)) ||
           (n < s->registered_count && is(&s->registered[n], unit));
}

bool rm_services_has(const struct rm_services *s, const struct rm_unit *unit)
{
    for (uint32_t i = 0; i < rm_resources_service_count(s->pass->scan->resources); i++)
        if (is_asked(s, i, unit))
            return true;
    return false;
}

void rm_services_saw(struct rm_services *s, const struct rm_unit *unit)
{
    for (uint32_t i = 0; i < s->registered_count; i++)
        s->registered[i].seen |= is_asked(s, i, unit);
}

/* ---- long names ---- */

static struct service *find_title(struct rm_services *s, const struct rm_unit *unit)
{
    for (uint32_t i = 0; i < s->registered_count; i++)
        if (is(&s->registered[i], unit))
            return &s->registered[i];
    for (size_t i = 0; i < s->titled_count; i++)
        if (s->titled[i].manager_uid == unit->manager_uid && strcmp(s->titled[i].info.asked, unit->name) == 0)
            return &s->titled[i];
    return NULL;
}

static int add_title(struct rm_services *s, const struct rm_unit *unit, struct service **ret)
{
    if (s->titled_count == s->titled_space) {
        size_t space = s->titled_space ? s->titled_space * 2 : 8;
        struct service *larger = reallocarray(s->titled, space, sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        s->titled = larger;
        s->titled_space = space;
    }
    struct service *service = &s->titled[s->titled_count++];
    *service = (struct service){.manager_uid = unit->manager_uid};
    memcpy(service->info.asked, unit->name, sizeof(service->info.asked));
    *ret = service;
    return 0;
}

int rm_services_title(struct rm_services *s, const struct rm_unit *unit, const char **ret)
{
    struct service *service = find_title(s, unit);
    struct talk *t = unit->manager_uid == RMX_NO_UID ? &s->system : &s->own;
    *ret = NULL;
    if (!s->pass->way->managers || unit->manager_uid != t->uid)
        return 0;
    if (!service) {
        if (!s->title_begun)
            s->title_wait = rm_wait_at_most(s->pass->scan->wait, TITLE_TIME);
        s->title_begun = true;
        int r = add_title(s, unit, &service);
        if (r == 0)
            r = ask(t, &service->info, 1, &s->title_wait);
        if (r < 0)
            return r;
    }
    if (service->info.load == RM_LOAD_FOUND && service->info.title[0])
        *ret = service->info.title;
    return 0;
}

/* ---- what no process stands for ---- */

static uint32_t cause_of(int error)
{
    switch (error) {
    case -ETIMEDOUT:
        return RMX_SKIP_BLOCKED;
    case -EACCES:
        return RMX_SKIP_PERMISSION;
    default:
        return RMX_SKIP_ERROR;
    }
}

static bool is_repeated(const struct rm_services *s, uint32_t n)
{
    const struct service *service = &s->registered[n];
    for (uint32_t i = 0; i < n; i++)
        if (is_active_without_process(&s->registered[i]) && s->registered[i].manager_uid == service->manager_uid &&
            strcmp(s->registered[i].info.id, service->info.id) == 0)
            return true;
    return false;
}

static int add_service(const struct rm_pass *p, struct rm_answer *answer, const struct service *service)
{
    const struct rm_unit_info *info = &service->info;
    struct rm_program program = {
        .name = info->title[0] ? info->title : info->id,
        .unit = info->id,
        .uid = service->manager_uid,
        .manager_uid = service->manager_uid,
        .type = RmService,
        .status = RmStatusRunning,
        .ts_session = (DWORD)RM_INVALID_TS_SESSION,
        .restartable = 1,
    };
    program.cause = rm_cause_of_service(p, &program);
    if (program.cause) {
        program.type = RmCritical;
        program.restartable = 0;
        rm_answer_add_reason(answer, RmRebootReasonCriticalService);
    }
    return rm_answer_add_program(answer, &program);
}

/* With RMX_GET_MINE the system's services are nobody's but root's. */
static bool is_asked_about(const struct rm_services *s, const struct service *service)
{
    return !(s->pass->scan->flags & RMX_GET_MINE) || service->manager_uid == s->pass->uid || !s->pass->uid;
}

int rm_services_conclude(struct rm_services *s, struct rm_answer *answer)
{
    const struct rm_resources *resources = s->pass->scan->resources;
    struct rm_wait wait = rm_wait_at_most(s->pass->scan->wait, SETTLE_TIME);
    /* Once more, for it may have started or stopped during the scan. */
    int r = ask_those(s, &s->system, is_active_without_process, take_later, &wait);
    if (r == 0)
        r = ask_those(s, &s->own, is_active_without_process, take_later, &wait);
    for (uint32_t i = 0; r == 0 && i < s->registered_count; i++) {
        const struct service *service = &s->registered[i];
        if (service->seen)
            continue;
        if (service->info.load == RM_LOAD_UNKNOWN)
            r = rm_answer_add_skip(answer, cause_of(service->info.error), 0);
        else if (service->info.load == RM_LOAD_ABSENT)
            r = rm_answer_add_missing(answer, rm_resources_service(resources, i));
        else if (is_active_without_process(service) && is_asked_about(s, service) && !is_repeated(s, i))
            r = add_service(s->pass, answer, service);
    }
    return r;
}
