/* SPDX-License-Identifier: MIT
 *
 * GetAll's answer has some two hundred properties, of which the table names
 * those that count.
 */
#include "properties.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct property {
    const char *name;
    const char *type;
    size_t at, size;
} table[] = {
#define TEXT(NAME, FIELD) \
    {NAME, "s", offsetof(struct rm_unit_info, FIELD), sizeof(((struct rm_unit_info *)NULL)->FIELD)}
#define NUMBER(NAME, TYPE, FIELD) {NAME, TYPE, offsetof(struct rm_unit_info, FIELD), 0}
#define LINKS(NAME, FIELD) {NAME, "as", offsetof(struct rm_unit_links, FIELD), 0}
    TEXT("Id", id),
    TEXT("Description", title),
    TEXT("LoadState", loaded),
    TEXT("ActiveState", state),
    TEXT("SubState", substate),
    TEXT("Type", type),
    TEXT("Result", result),
    NUMBER("MainPID", "u", main_pid),
    NUMBER("CanStart", "b", can_start),
    NUMBER("CanStop", "b", can_stop),
    NUMBER("RefuseManualStart", "b", refuses_start),
    NUMBER("RefuseManualStop", "b", refuses_stop),
    NUMBER("Transient", "b", transient),
    NUMBER("RemainAfterExit", "b", remains),
    NUMBER("Accept", "b", accepts),
    NUMBER("ConditionResult", "b", conditions_hold),
    NUMBER("ExecMainCode", "i", exit_code),
    NUMBER("ExecMainStatus", "i", exit_status),
    /* What systemd stops with a unit... */
    LINKS("RequiredBy", dependents),
    LINKS("RequisiteOf", dependents),
    LINKS("BoundBy", dependents),
    LINKS("ConsistsOf", dependents), /* PartOf= from the other side */
    LINKS("PropagatesStopTo", dependents),
    /* ... and what starts it. */
    LINKS("TriggeredBy", triggers),
    LINKS("UpheldBy", triggers),
#undef TEXT
#undef NUMBER
#undef LINKS
};

/* Ours: a user's manager can say what it likes, at any length. */
#define LIST_MAX 262144

int rm_name_list_add(struct rm_name_list *list, const char *name)
{
    size_t size = strlen(name) + 1;
    if (size > LIST_MAX - list->used)
        return -E2BIG;
    if (size > list->space - list->used) {
        size_t space = (list->space + size) * 2;
        char *larger = realloc(list->text, space);
        if (!larger)
            return -ENOMEM;
        list->text = larger;
        list->space = space;
    }
    memcpy(list->text + list->used, name, size);
    list->used += size;
    return 0;
}

void rm_unit_links_done(struct rm_unit_links *links)
{
    free(links->dependents.text);
    free(links->triggers.text);
    *links = (struct rm_unit_links){0};
}

/* ---- one unit's state ---- */

bool rm_unit_info_name(struct rm_unit_info *info, const char *name)
{
    static const char *const suffixes[] = {".service", ".socket", ".device", ".mount", ".automount", ".swap",
                                           ".target",  ".path",   ".timer",  ".slice", ".scope"};
    const char *dot = strrchr(name, '.'), *suffix = ".service";
    for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (strcmp(dot, suffixes[i]) == 0)
            suffix = "";
    int n = snprintf(info->asked, sizeof(info->asked), "%s%s", name, suffix);
    return *name && *name != '.' && n > 0 && (size_t)n < sizeof(info->asked);
}

bool rm_unit_info_is_moving(const struct rm_unit_info *info)
{
    return info->active || strcmp(info->state, "activating") == 0 || strcmp(info->state, "refreshing") == 0;
}

bool rm_unit_info_is_down(const struct rm_unit_info *info)
{
    return info->load == RM_LOAD_ABSENT ||
           (info->load == RM_LOAD_FOUND &&
            (strcmp(info->state, "inactive") == 0 || strcmp(info->state, "failed") == 0));
}

/* ---- the answer ---- */

static void keep(char *to, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(to, text, length);
    to[length] = '\0';
}

static int read_names(const struct rm_sdbus *sd, sd_bus_message *message, struct rm_name_list *list)
{
    const char *name;
    int r = sd->enter_container(message, 'a', "s");
    while (r >= 0 && (r = sd->read_basic(message, 's', &name)) > 0)
        r = rm_name_list_add(list, name);
    return r < 0 ? r : sd->exit_container(message);
}

/* The value of one property, of which only some are wanted. */
static int read_value(const struct rm_sdbus *sd, sd_bus_message *message, const char *name, struct rm_unit_info *unit)
{
    const struct property *p = NULL;
    const char *text;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strcmp(name, table[i].name) == 0)
            p = &table[i];
    if (!p || (*p->type == 'a' && !unit->links))
        return sd->skip(message, "v");
    int r = sd->enter_container(message, 'v', p->type);
    if (r >= 0 && *p->type == 'a')
        r = read_names(sd, message, (void *)((char *)unit->links + p->at));
    else if (r >= 0)
        r = sd->read_basic(message, *p->type, p->size ? (void *)&text : (char *)unit + p->at);
    if (r > 0 && p->size)
        keep((char *)unit + p->at, p->size, text);
    return r < 0 ? r : sd->exit_container(message);
}

/* a{sv} */
static int read_properties(const struct rm_sdbus *sd, sd_bus_message *message, struct rm_unit_info *unit)
{
    const char *name;
    int r = sd->enter_container(message, 'a', "{sv}");
    while (r >= 0 && (r = sd->enter_container(message, 'e', "sv")) > 0) {
        r = sd->read_basic(message, 's', &name);
        if (r >= 0)
            r = read_value(sd, message, name, unit);
        if (r >= 0)
            r = sd->exit_container(message);
    }
    return r;
}

static void forget(struct rm_unit_info *unit)
{
    struct rm_unit_info fresh = {.links = unit->links};
    memcpy(fresh.asked, unit->asked, sizeof(fresh.asked));
    if (unit->links)
        rm_unit_links_done(unit->links);
    *unit = fresh;
}

static void take_answer(struct rm_call *call, sd_bus_message *reply, const sd_bus_error *error)
{
    struct rm_question *question = (struct rm_question *)call;
    struct rm_unit_info *unit = question->info;
    int r = error ? rm_call_error(error) : 0;
    forget(unit);
    if (r == -ENOENT) {
        unit->load = RM_LOAD_ABSENT;
    } else if (error) {
        unit->error = r ? r : -EPROTO;
    } else {
        r = read_properties(call->manager->sd, reply, unit);
        if (r < 0 || !unit->loaded[0] || !unit->id[0])
            unit->error = r == -ENOMEM ? r : -EPROTO;
        else
            unit->load = strcmp(unit->loaded, "not-found") == 0 ? RM_LOAD_ABSENT : RM_LOAD_FOUND;
        unit->active = strcmp(unit->state, "active") == 0 || strcmp(unit->state, "reloading") == 0;
    }
    if (question->answered)
        question->answered(question);
}

/* ---- the question ---- */

int rm_question_send(struct rm_question *question, struct rm_manager *m)
{
    char *path = NULL;
    int r = m->sd->path_encode(RM_MANAGER_OBJECT "/unit", question->info->asked, &path);
    question->call = (struct rm_call){.replied = take_answer};
    question->info->error = -ETIMEDOUT;
    if (r >= 0)
        r = rm_call_new(&question->call, m, path, "org.freedesktop.DBus.Properties", "GetAll");
    /* Of all interfaces: Unit's, and Service's for MainPID. */
    if (r >= 0)
        r = rm_call_append(&question->call, "");
    if (r >= 0)
        r = rm_call_send(&question->call);
    free(path);
    return r;
}

int rm_units_ask(struct rm_manager *m, struct rm_unit_info *units, uint32_t count, const struct rm_wait *wait)
{
    struct rm_question *questions = calloc(count ? count : 1, sizeof(*questions));
    if (!questions)
        return -ENOMEM;
    int r = 0;
    for (uint32_t i = 0; i < count && r == 0; i++) {
        questions[i].info = &units[i];
        r = rm_question_send(&questions[i], m);
    }
    if (r == 0)
        r = rm_managers_converse(&m, 1, wait);
    for (uint32_t i = 0; i < count; i++) {
        rm_call_done(&questions[i].call);
        if (units[i].error == -ETIMEDOUT && r != -ETIMEDOUT)
            units[i].error = -EHOSTUNREACH;
        if (units[i].error == -ENOMEM)
            r = -ENOMEM;
    }
    free(questions);
    return r == -ECANCELED || r == -EINTR || r == -ENOMEM ? r : 0;
}
