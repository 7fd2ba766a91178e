/* SPDX-License-Identifier: MIT */
#include "members.h"

#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rm_member_set_detail(struct rm_unit_member *member, const char *detail)
{
    char *copy = detail && *detail ? strdup(detail) : NULL;
    if (detail && *detail && !copy)
        return -ENOMEM;
    free((char *)member->detail);
    member->detail = copy;
    return 0;
}

RM_UNIQUE_PROCESS rm_member_main_process(const struct rm_unit_info *info)
{
    RM_UNIQUE_PROCESS process = {0};
    if (info->load != RM_LOAD_FOUND || !info->main_pid || rm_host_process(info->main_pid, &process) < 0)
        return (RM_UNIQUE_PROCESS){0};
    return process;
}

/* A slice is no program, and a scope's processes were started by somebody else, who alone can start them again
 * (ours). */
static bool is_service_like(const struct rm_unit_info *info)
{
    return !rm_unit_is_kind(info->id, ".scope") && !rm_unit_is_kind(info->id, ".slice");
}

bool rm_member_may_stop(const struct rm_unit_info *info)
{
    return is_service_like(info) && info->can_stop && !info->refuses_stop;
}

static void find_cause(const struct rm_entry *entry, struct rm_unit_member *member, const char **ret_detail)
{
    const struct rm_unit_info *info = &entry->info;
    if (info->load == RM_LOAD_UNKNOWN) {
        member->cause = info->error == -EACCES ? RMX_CAUSE_PERMISSION : RMX_CAUSE_UNREACHABLE;
        *ret_detail = info->error == -EACCES      ? "the service manager may not be asked"
                      : info->error == -ETIMEDOUT ? "the service manager does not answer"
                      : info->error == -EPROTO    ? "the service manager gave an answer without sense"
                                                  : "the service manager cannot be reached";
    } else if (entry->too_many) {
        member->cause = RMX_CAUSE_REFUSES;
        *ret_detail = "too many units go down with it";
    } else if (member->part != RM_UNIT_DEPENDENT && info->load == RM_LOAD_FOUND && !rm_member_may_stop(info)) {
        member->cause = RMX_CAUSE_REFUSES;
        *ret_detail = !is_service_like(info) ? "it is not a service"
                      : info->refuses_stop   ? "its unit file refuses a stop by hand"
                                             : "a unit of its kind cannot be stopped";
    }
}

/* One that a socket starts for each connection cannot be started otherwise. */
static bool is_per_connection(const struct rm_unitset *set, const struct rm_entry *entry)
{
    const struct rm_name_list *names = &entry->links.triggers;
    for (size_t at = 0; at < names->used; at += strlen(names->text + at) + 1)
        for (uint32_t i = 0; i < set->entry_count; i++)
            if (set->entries[i]->info.accepts && set->entries[i]->uid == entry->uid &&
                strcmp(set->entries[i]->info.asked, names->text + at) == 0)
                return true;
    return false;
}

static int make(struct rm_unitset *set, uint32_t n)
{
    struct rm_entry *entry = set->entries[n];
    const struct rm_unit_info *info = &entry->info;
    struct rm_unit_member *member = &set->members[set->member_count];
    bool found = info->load == RM_LOAD_FOUND;
    const char *detail = NULL;
    *member = (struct rm_unit_member){
        .name = found && rm_unit_is_name(info->id) ? info->id : info->asked,
        .manager_uid = entry->uid,
        .part = entry->part,
        .because = UINT32_MAX,
        .active = found && rm_unit_info_is_moving(info),
        .stopping = found && strcmp(info->state, "deactivating") == 0,
        .startable = found && info->can_start && !info->refuses_start && !info->transient &&
                     is_service_like(info) && !is_per_connection(set, entry),
        .main_process = rm_member_main_process(info),
    };
    member->title = info->title[0] ? info->title : member->name;
    find_cause(entry, member, &detail);
    set->more[set->member_count] = (struct rm_member_more){.entry = n};
    entry->member = set->member_count++;
    return rm_member_set_detail(member, detail);
}

/* What was added; and of the rest what runs, or may run as nobody says. */
static bool counts(const struct rm_entry *entry)
{
    if (entry->same_as != UINT32_MAX)
        return false;
    return entry->part == RM_UNIT_AFFECTED || entry->info.load == RM_LOAD_UNKNOWN ||
           (entry->info.load == RM_LOAD_FOUND && rm_unit_info_is_moving(&entry->info));
}

int rm_members_make(struct rm_unitset *set)
{
    int r = 0;
    set->members = calloc((size_t)set->entry_count + 1, sizeof(*set->members));
    set->more = calloc((size_t)set->entry_count + 1, sizeof(*set->more));
    if (!set->members || !set->more)
        return -ENOMEM;
    for (uint32_t i = 0; i < set->entry_count && r == 0; i++)
        if (counts(set->entries[i]))
            r = make(set, i);
    for (uint32_t i = 0; i < set->member_count && r == 0; i++) {
        const struct rm_entry *entry = set->entries[set->more[i].entry];
        if (entry->because != UINT32_MAX)
            set->members[i].because = set->entries[entry->because]->member;
    }
    return r;
}
