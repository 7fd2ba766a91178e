/* SPDX-License-Identifier: MIT
 *
 * What goes with a unit is found by asking about it, and about what it names,
 * and so on, until nothing new is named; each unit is asked about once, so
 * cycles end.
 *
 * Ours: units with StopWhenUnneeded= are not looked for, as what needs them
 * starts them again, nor is what a message on the bus would start.
 */
#include "unitset.h"

#include "host.h"
#include "jobs.h"
#include "members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX
#define ENTRIES_MAX 4096 /* ours: units that are asked about because others name them */
/* Ours: how long those that are asked at once may take; never more than half of what the caller gives. */
#define ROUND_TIME UINT64_C(10000000000)

int rm_host_unitset_new(struct rm_unitset **ret)
{
    struct rm_unitset *set = calloc(1, sizeof(*set));
    if (!set)
        return -ENOMEM;
    *ret = set;
    return 0;
}

static void free_members(struct rm_unitset *set)
{
    for (uint32_t i = 0; i < set->member_count; i++)
        free((char *)set->members[i].detail);
    free(set->members);
    free(set->more);
    set->members = NULL;
    set->more = NULL;
    set->member_count = 0;
}

static void free_entry(struct rm_entry *entry)
{
    rm_unit_links_done(&entry->links);
    free(entry);
}

void rm_host_unitset_free(struct rm_unitset *set)
{
    if (!set)
        return;
    free_members(set);
    for (uint32_t i = 0; i < set->entry_count; i++)
        free_entry(set->entries[i]);
    free(set->entries);
    free(set);
}

/* ---- entries ---- */

static uint32_t find_asked(const struct rm_unitset *set, const char *asked, uint32_t uid)
{
    for (uint32_t i = 0; i < set->entry_count; i++)
        if (set->entries[i]->uid == uid && strcmp(set->entries[i]->info.asked, asked) == 0)
            return i;
    return NOBODY;
}

static int add(struct rm_unitset *set, const struct rm_entry *wanted)
{
    if (set->entry_count == set->entry_space) {
        uint32_t space = set->entry_space ? set->entry_space * 2 : 16;
        struct rm_entry **larger = reallocarray(set->entries, space, sizeof(struct rm_entry *));
        if (!larger)
            return -ENOMEM;
        set->entries = larger;
        set->entry_space = space;
    }
    struct rm_entry *entry = malloc(sizeof(*entry));
    if (!entry)
        return -ENOMEM;
    *entry = *wanted;
    entry->info.links = &entry->links;
    set->entries[set->entry_count++] = entry;
    return 0;
}

/* ---- what goes with it ---- */

/* A name that an entry has brought up. */
static int take_name(struct rm_unitset *set, uint32_t from, const char *name, enum rm_unit_part part)
{
    struct rm_entry entry = {.uid = set->entries[from]->uid, .part = part, .because = from, .same_as = NOBODY};
    /* Nobody stops a slice or a device by stopping a service. */
    if (!rm_unit_is_name(name) || rm_unit_is_kind(name, ".slice") || rm_unit_is_kind(name, ".device"))
        return 0;
    uint32_t known = find_asked(set, name, entry.uid);
    if (known != NOBODY) {
        struct rm_entry *other = set->entries[known];
        if (other->part == RM_UNIT_DEPENDENT && part == RM_UNIT_TRIGGER) {
            other->part = part;
            other->because = from;
        }
        return 0;
    }
    if (set->entry_count - set->added_count >= ENTRIES_MAX) {
        set->entries[from]->too_many = true;
        return 0;
    }
    snprintf(entry.info.asked, sizeof(entry.info.asked), "%s", name);
    return add(set, &entry);
}

static int take_names(struct rm_unitset *set, uint32_t from, const struct rm_name_list *list, enum rm_unit_part part)
{
    for (size_t at = 0; at < list->used; at += strlen(list->text + at) + 1) {
        int r = take_name(set, from, list->text + at, part);
        if (r < 0)
            return r;
    }
    return 0;
}

/* An answer has come: is it one that is known under another name, and what does it name? */
static int settle(struct rm_unitset *set, uint32_t n)
{
    struct rm_entry *entry = set->entries[n];
    const struct rm_unit_info *info = &entry->info;
    for (uint32_t i = 0; i < n && info->load == RM_LOAD_FOUND; i++) {
        struct rm_entry *other = set->entries[i];
        if (other->uid == entry->uid && other->same_as == NOBODY && other->info.load == RM_LOAD_FOUND &&
            strcmp(other->info.id, info->id) == 0) {
            entry->same_as = i;
            return 0;
        }
    }
    if (info->load != RM_LOAD_FOUND || !rm_unit_info_is_moving(info))
        return 0;
    /* Nothing goes down with what stays up. */
    if (entry->part != RM_UNIT_DEPENDENT && !rm_member_may_stop(info))
        return 0;
    int r = take_names(set, n, &entry->links.dependents, RM_UNIT_DEPENDENT);
    return r < 0 ? r : take_names(set, n, &entry->links.triggers, RM_UNIT_TRIGGER);
}

/* ---- the questions ---- */

static int ask_all(struct rm_unitset *set, uint32_t from, struct rm_managers *managers, const struct rm_wait *wait)
{
    struct rm_wait shorter = rm_wait_at_most(wait, ROUND_TIME);
    uint32_t count = set->entry_count - from;
    struct rm_question *questions = calloc(count, sizeof(*questions));
    int r = questions ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < count && r == 0; i++) {
        struct rm_entry *entry = set->entries[from + i];
        struct rm_manager *m;
        int error = rm_managers_get(managers, entry->uid, &shorter, &m);
        questions[i].info = &entry->info;
        if (error == -ENOMEM || error == -ECANCELED || error == -EINTR)
            r = error;
        else if (error < 0 || m->error)
            entry->info.error = error < 0 ? error : m->error;
        else
            r = rm_question_send(&questions[i], m) == -ENOMEM ? -ENOMEM : 0;
    }
    if (r == 0)
        r = rm_managers_converse(managers->managers, managers->count, &shorter);
    /* Whoever has not answered yet is not asked again, and keeps nobody from asking the others. */
    for (uint32_t i = 0; r == -ETIMEDOUT && i < managers->count; i++)
        if (managers->managers[i] && managers->managers[i]->waiting)
            managers->managers[i]->error = -ETIMEDOUT;
    for (uint32_t i = 0; questions && i < count; i++) {
        if (questions[i].call.manager)
            rm_call_done(&questions[i].call);
        if (set->entries[from + i]->info.error == -ENOMEM)
            r = -ENOMEM;
    }
    free(questions);
    return r == -ETIMEDOUT ? 0 : r;
}

static void forget(struct rm_unitset *set)
{
    free_members(set);
    while (set->entry_count > set->added_count)
        free_entry(set->entries[--set->entry_count]);
    for (uint32_t i = 0; i < set->entry_count; i++) {
        struct rm_entry *entry = set->entries[i];
        struct rm_unit_info fresh = {.links = &entry->links};
        memcpy(fresh.asked, entry->info.asked, sizeof(fresh.asked));
        rm_unit_links_done(&entry->links);
        entry->info = fresh;
        entry->same_as = NOBODY;
        entry->too_many = false;
    }
}

int rm_host_unitset_add(struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    struct rm_entry entry = {.uid = manager_uid, .part = RM_UNIT_AFFECTED, .because = NOBODY, .same_as = NOBODY};
    if (!rm_unit_info_name(&entry.info, name) || !rm_unit_is_name(entry.info.asked))
        return -EINVAL;
    forget(set);
    if (find_asked(set, entry.info.asked, manager_uid) != NOBODY)
        return 0;
    int r = add(set, &entry);
    set->added_count = set->entry_count;
    return r;
}

int rm_host_unitset_resolve(struct rm_unitset *set, const struct rm_wait *wait)
{
    struct rm_managers managers = {0};
    uint32_t asked = 0;
    int r = 0;
    forget(set);
    while (r == 0 && asked < set->entry_count) {
        uint32_t end = set->entry_count;
        r = ask_all(set, asked, &managers, wait);
        for (; r == 0 && asked < end; asked++)
            r = settle(set, asked);
    }
    rm_managers_done(&managers);
    return r < 0 ? r : rm_members_make(set);
}

/* ---- members ---- */

uint32_t rm_host_unitset_count(const struct rm_unitset *set)
{
    return set->member_count;
}

const struct rm_unit_member *rm_host_unitset_at(const struct rm_unitset *set, uint32_t index)
{
    return index < set->member_count ? &set->members[index] : NULL;
}

uint32_t rm_host_unitset_find(const struct rm_unitset *set, const char *name, uint32_t manager_uid)
{
    struct rm_unit_info info;
    if (!rm_unit_info_name(&info, name))
        return NOBODY;
    for (uint32_t i = 0; i < set->member_count; i++)
        if (set->members[i].manager_uid == manager_uid && strcmp(set->members[i].name, info.asked) == 0)
            return i;
    for (uint32_t i = find_asked(set, info.asked, manager_uid); i != NOBODY; i = set->entries[i]->same_as)
        if (set->entries[i]->same_as == NOBODY)
            return set->entries[i]->member;
    return NOBODY;
}
