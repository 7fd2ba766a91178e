/* SPDX-License-Identifier: MIT */
#include "turns.h"

#include "host.h"
#include "settle.h"
#include "unitset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A unit while it is in a run. */
struct turn {
    uint32_t index; /* of the entry */
    uint32_t member;
    bool reported; /* what the manager did is known */
    struct rm_returned returned;
};

struct rm_turns {
    const struct rm_returning *r;
    struct rm_unitset *units;
    struct turn *at; /* as many as there can be, and so are the members */
    uint32_t count;
    uint32_t *members; /* of one run */
};

static int look_up_units(struct rm_turns *turns)
{
    bool any = false;
    int e = rm_host_unitset_new(&turns->units);

    for (uint32_t i = 0; e >= 0 && i < turns->r->stopped->count; i++) {
        const struct rm_entry *entry = &turns->r->stopped->entries[i];

        if (!entry->unit)
            continue;
        any = true;
        e = rm_host_unitset_add(turns->units, entry->unit, entry->manager_uid);
        if (e == -EINVAL)
            e = 0; /* no unit can have that name: it is not found later */
    }
    return e < 0 || !any ? e : rm_host_unitset_resolve(turns->units, turns->r->wait);
}

int rm_turns_new(const struct rm_returning *returning, struct rm_turns **ret)
{
    uint32_t count = returning->stopped->count;
    struct rm_turns *turns = calloc(1, sizeof *turns);
    int e = -ENOMEM;

    if (!turns)
        return e;
    turns->r = returning;
    turns->at = calloc(count, sizeof *turns->at);
    turns->members = calloc(count, sizeof *turns->members);
    if (turns->at && turns->members)
        e = look_up_units(turns);
    if (e < 0)
        rm_turns_free(turns);
    else
        *ret = turns;
    return e < 0 ? e : 0;
}

void rm_turns_free(struct rm_turns *turns)
{
    if (!turns)
        return;
    rm_host_unitset_free(turns->units);
    free(turns->members);
    free(turns->at);
    free(turns);
}

/* ---- those of one run ---- */

/* 1: nobody else has it stopped.  Without the journal nobody is known to. */
static int let_go(const struct rm_turns *turns, const struct rm_entry *entry)
{
    char claim[RM_CLAIM_SIZE];
    bool last = true;
    int e;

    if (!turns->r->journal || rm_entry_claim(entry->unit, entry->manager_uid, claim) < 0)
        return 1;
    e = rm_host_journal_unclaim(turns->r->journal, claim, turns->r->wait, &last);
    if (rm_returning_is_over(e) || e == -ETIMEDOUT)
        return e;
    return e < 0 || last;
}

int rm_turns_take(struct rm_turns *turns, uint32_t index)
{
    const struct rm_entry *entry = &turns->r->stopped->entries[index];
    uint32_t member = rm_host_unitset_find(turns->units, entry->unit, entry->manager_uid);
    bool up = member != UINT32_MAX && rm_host_unitset_at(turns->units, member)->active;
    struct rm_returned returned = {.flags = up ? RMX_ITEM_WAS_UP : 0};
    int e = let_go(turns, entry);

    if (rm_returning_is_over(e))
        return e;
    if (e < 0)
        returned.failure = rm_returning_failure(e);
    else if (entry->back == RMX_BACK_MASKED)
        returned.flags = 0;
    else if (e == 0)
        returned.flags |= RMX_ITEM_SHARED;
    else if (member == UINT32_MAX || (entry->back != RMX_BACK_UNIT && !up))
        returned.failure = RMX_FAIL_NO_WAY;
    else {
        /* One that is up is started all the same: a stop of it may be under way, which this takes back. */
        turns->at[turns->count++] = (struct turn){.index = index, .member = member, .returned = returned};
        return 0;
    }
    return rm_returning_report(turns->r, index, &returned);
}

static int note_started(void *context, uint32_t member, uint32_t failure)
{
    struct rm_turns *turns = context;

    for (uint32_t i = 0; i < turns->count; i++)
        if (turns->at[i].member == member) {
            turns->at[i].reported = true;
            turns->at[i].returned.failure = failure;
        }
    return 0;
}

static void verify(const struct rm_turns *turns, struct turn *turn)
{
    struct rm_returned *returned = &turn->returned;
    RM_UNIQUE_PROCESS now = {0};
    bool up;

    returned->flags &= ~RMX_ITEM_VERIFIED;
    returned->now = now;
    if (rm_host_unitset_is_up(turns->units, turn->member, turns->r->wait, &up, &now) < 0)
        return;
    if (!up) {
        returned->failure = RMX_FAIL_ENDED;
        return;
    }
    returned->flags |= RMX_ITEM_VERIFIED;
    returned->now = now;
}

/* A start can be done before its program has come to where it fails.  Who has no main process, or none that its manager
 * knows, is not waited for. */
static int watch(const struct rm_turns *turns)
{
    RM_UNIQUE_PROCESS *processes = calloc(turns->count, sizeof *processes);
    bool *ended = calloc(turns->count, sizeof *ended);
    uint32_t count = 0, n = 0;
    int e = processes && ended ? 0 : -ENOMEM;

    for (uint32_t i = 0; e >= 0 && i < turns->count; i++)
        if (turns->at[i].returned.now.dwProcessId)
            processes[count++] = turns->at[i].returned.now;
    if (count)
        e = rm_settle(processes, ended, count, turns->r->wait);
    for (uint32_t i = 0; n < count; i++)
        if (turns->at[i].returned.now.dwProcessId && ended[n++])
            verify(turns, &turns->at[i]);
    free(processes);
    free(ended);
    return rm_returning_is_over(e) ? e : 0; /* who cannot be watched was seen all the same */
}

/* systemd refuses a socket whose service runs, also one that is on its way down.  So when a socket is down, what it
 * triggers goes down before; its session had been about to do just that. */
static bool keeps_a_socket_down(const struct rm_turns *turns, const struct turn *turn)
{
    const struct rm_entry *service = &turns->r->stopped->entries[turn->index];

    for (uint32_t i = 0; i < turns->count; i++) {
        const struct rm_entry *entry = &turns->r->stopped->entries[turns->at[i].index];
        const char *dot = strrchr(entry->unit, '.');

        if (entry->part == RM_UNIT_TRIGGER && dot && !strcmp(dot, ".socket") && entry->because &&
            entry->manager_uid == service->manager_uid && !strcmp(entry->because, service->unit) &&
            !(turns->at[i].returned.flags & RMX_ITEM_WAS_UP))
            return true;
    }
    return false;
}

static int pass_over(void *context, uint32_t member, uint32_t failure)
{
    (void)context, (void)member, (void)failure; /* the socket's start will tell */
    return 0;
}

static int stop_before_sockets(struct rm_turns *turns)
{
    uint32_t count = 0;
    int e;

    for (uint32_t i = 0; i < turns->count; i++)
        if (keeps_a_socket_down(turns, &turns->at[i])) {
            turns->at[i].returned.flags = 0;
            turns->members[count++] = turns->at[i].member;
        }
    if (!count)
        return 0;
    e = rm_host_unitset_run(turns->units, RM_UNIT_STOP, turns->members, count, turns->r->wait, pass_over, NULL);
    return rm_returning_is_over(e) ? e : 0;
}

static int report(const struct rm_turns *turns, struct turn *turn)
{
    if (turn->returned.failure != RMX_FAIL_NONE)
        turn->returned.detail = rm_host_unitset_at(turns->units, turn->member)->detail;
    return rm_returning_report(turns->r, turn->index, &turn->returned);
}

int rm_turns_run(struct rm_turns *turns)
{
    uint32_t count = 0;
    int reported = 0, over, e = stop_before_sockets(turns);

    if (e < 0)
        return e;
    for (int triggers = 1; triggers >= 0; triggers--)
        for (uint32_t i = 0; i < turns->count; i++)
            if ((turns->r->stopped->entries[turns->at[i].index].part == RM_UNIT_TRIGGER) == triggers)
                turns->members[count++] = turns->at[i].member;
    if (!count)
        return 0;
    e = rm_host_unitset_run(turns->units, RM_UNIT_START, turns->members, count, turns->r->wait, note_started, turns);
    /* What has been started is told of, also when the run was cancelled. */
    over = rm_returning_is_over(e) ? e : 0;
    for (uint32_t i = 0; i < count; i++) {
        struct turn *turn = &turns->at[i];

        if (!turn->reported && !over)
            turn->returned.failure = rm_returning_failure(e < 0 ? e : -EIO);
        turn->reported |= !over;
        if (turn->reported && turn->returned.failure == RMX_FAIL_NONE)
            verify(turns, turn);
    }
    if (!over)
        over = watch(turns);
    for (uint32_t i = 0; i < count && reported >= 0; i++)
        if (turns->at[i].reported)
            reported = report(turns, &turns->at[i]);
    turns->count = 0;
    return reported < 0 ? reported : over;
}
