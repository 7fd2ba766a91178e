/* SPDX-License-Identifier: MIT */
#include "bringback.h"

#include "host.h"
#include "pin.h"
#include "relaunch.h"
#include "unitset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A unit while it is in a run. */
struct turn {
    uint32_t index; /* of the entry */
    uint32_t member;
    bool reported; /* the manager has */
    struct rm_returned returned;
};

struct work {
    const struct rm_stopped *stopped;
    struct rm_journal *journal;
    uint64_t linger_deadline;
    const struct rm_wait *wait;
    rm_bringback_done done;
    void *context;
    struct rm_unitset *units;
    struct turn *turns;
    uint32_t turn_count;
    uint32_t *members; /* of one run, as many as there can be */
};

/* It ended because of the whole call, not because of one item. */
static bool is_the_end(int e)
{
    return e == -ECANCELED || e == -EINTR || e == -ENOMEM;
}

/* If this cannot be written, a recovery finds the item up, and leaves it alone. */
static void write_back(const struct work *work, uint32_t index)
{
    struct rm_entry entry = work->stopped->entries[index];
    void *data;
    size_t size;

    entry.kind = RM_ENTRY_BACK;
    entry.name = entry.exe = NULL;
    entry.wish = NULL;
    if (!work->journal || rm_entry_encode(&entry, &data, &size) < 0)
        return;
    (void)rm_host_journal_write(work->journal, data, size);
    free(data);
}

static int report(struct work *work, uint32_t index, const struct rm_returned *returned)
{
    if (returned->failure == RMX_FAIL_NONE || returned->failure == RMX_FAIL_NO_WAY)
        write_back(work, index);
    return work->done(work->context, index, returned);
}

/* ---- programs ---- */

static uint32_t failure_of(int e)
{
    switch (e) {
    case 0:
        return RMX_FAIL_NONE;
    case -ETIMEDOUT:
        return RMX_FAIL_TIMEOUT;
    case -EACCES:
    case -EPERM:
        return RMX_FAIL_PERMISSION;
    case -ECHILD:
        return RMX_FAIL_ENDED;
    case -EHOSTUNREACH:
        return RMX_FAIL_UNREACHABLE;
    case -EBADMSG: /* a wish that cannot be read is none */
        return RMX_FAIL_NO_WAY;
    default:
        return RMX_FAIL_SYSTEM;
    }
}

static void fail(struct rm_returned *returned, int e)
{
    returned->failure = failure_of(e);
    if (returned->failure == RMX_FAIL_SYSTEM)
        returned->detail = strerror(-e);
}

static bool lives(const RM_UNIQUE_PROCESS *process)
{
    struct rm_pin *pin;
    bool ended;

    if (!process->dwProcessId || rm_host_pin(process, &pin) < 0)
        return false;
    ended = rm_host_pin_ended(pin);
    rm_host_pin_free(pin);
    return !ended;
}

/* Waits a while for a program that was perhaps asked to end: 1 if it goes on nevertheless, 0 if there is none. */
static int outlives_its_end(const struct work *work, const RM_UNIQUE_PROCESS *process)
{
    struct rm_wait wait = *work->wait;
    struct rm_pin *pin;
    bool ended = false;
    int e = rm_host_pin(process, &pin);

    if (e < 0)
        return e == -ESRCH ? 0 : e; /* what cannot be known is not started a second time */
    if (work->linger_deadline < wait.deadline)
        wait.deadline = work->linger_deadline;
    while (e >= 0 && !ended)
        e = rm_host_pins_wait(&pin, &ended, 1, &wait);
    rm_host_pin_free(pin);
    if (ended)
        return 0;
    return e == -ETIMEDOUT && rm_wait_check(work->wait) >= 0 ? 1 : e;
}

static int start_program(const struct work *work, const struct rm_entry *entry, struct rm_returned *returned)
{
    char unit[RM_RELAUNCH_UNIT_SIZE];
    int e;

    if (entry->back != RMX_BACK_REGISTERED || !entry->wish) {
        returned->failure = RMX_FAIL_NO_WAY;
        return 0;
    }
    rm_entry_relaunch_unit(&entry->process, unit);
    e = rm_host_relaunch_start(entry->wish, entry->wish_size, unit, work->wait, &returned->now);
    if (is_the_end(e))
        return e;
    if (e == -EEXIST) {
        returned->flags |= RMX_ITEM_WAS_UP;
        e = 0;
    }
    fail(returned, e);
    if (e < 0)
        return 0;
    if (lives(&returned->now))
        returned->flags |= RMX_ITEM_VERIFIED;
    else
        returned->failure = RMX_FAIL_ENDED;
    return 0;
}

static int bring_back_program(struct work *work, uint32_t index)
{
    const struct rm_entry *entry = &work->stopped->entries[index];
    struct rm_returned returned = {0};
    int e = 0;

    if (entry->back != RMX_BACK_MASKED) {
        e = outlives_its_end(work, &entry->process);
        if (e > 0) {
            returned.flags = RMX_ITEM_WAS_UP | RMX_ITEM_VERIFIED;
            returned.now = entry->process;
        } else if (e == 0) {
            e = start_program(work, entry, &returned);
        } else if (!is_the_end(e)) {
            fail(&returned, e);
            e = 0;
        }
    }
    return e < 0 ? e : report(work, index, &returned);
}

/* ---- units ---- */

/* 1: nobody else has it stopped.  Without the journal nobody is known to. */
static int let_go(const struct work *work, const struct rm_entry *entry)
{
    char claim[RM_CLAIM_SIZE];
    bool last = true;
    int e;

    if (!work->journal || rm_entry_claim(entry->unit, entry->manager_uid, claim) < 0)
        return 1;
    e = rm_host_journal_unclaim(work->journal, claim, work->wait, &last);
    if (is_the_end(e) || e == -ETIMEDOUT)
        return e;
    return e < 0 || last;
}

/* Settles what needs no start; else the unit is a turn of the run. */
static int take_unit(struct work *work, uint32_t index)
{
    const struct rm_entry *entry = &work->stopped->entries[index];
    uint32_t member = rm_host_unitset_find(work->units, entry->unit, entry->manager_uid);
    bool up = member != UINT32_MAX && rm_host_unitset_at(work->units, member)->active;
    struct rm_returned returned = {.flags = up ? RMX_ITEM_WAS_UP : 0};
    int e = let_go(work, entry);

    if (is_the_end(e))
        return e;
    if (e < 0)
        returned.failure = failure_of(e);
    else if (entry->back == RMX_BACK_MASKED)
        returned.flags = 0;
    else if (e == 0)
        returned.flags |= RMX_ITEM_SHARED;
    else if (member == UINT32_MAX || (entry->back != RMX_BACK_UNIT && !up))
        returned.failure = RMX_FAIL_NO_WAY;
    else {
        /* One that is up is started all the same: a stop of it may be under way, which this takes back. */
        work->turns[work->turn_count++] = (struct turn){.index = index, .member = member, .returned = returned};
        return 0;
    }
    return report(work, index, &returned);
}

static int note_started(void *context, uint32_t member, uint32_t failure)
{
    struct work *work = context;

    for (uint32_t i = 0; i < work->turn_count; i++)
        if (work->turns[i].member == member) {
            work->turns[i].reported = true;
            work->turns[i].returned.failure = failure;
        }
    return 0;
}

static void verify(const struct work *work, struct turn *turn)
{
    struct rm_returned *returned = &turn->returned;
    RM_UNIQUE_PROCESS now = {0};
    bool up;

    if (rm_host_unitset_is_up(work->units, turn->member, work->wait, &up, &now) < 0)
        return;
    if (!up) {
        returned->failure = RMX_FAIL_ENDED;
        return;
    }
    returned->flags |= RMX_ITEM_VERIFIED;
    returned->now = now;
}

/* systemd refuses a socket whose service runs, also one that is on its way down.  So when a socket is down, what it
 * triggers goes down before; its session had been about to do just that. */
static bool keeps_a_socket_down(const struct work *work, const struct turn *turn)
{
    const struct rm_entry *service = &work->stopped->entries[turn->index];

    for (uint32_t i = 0; i < work->turn_count; i++) {
        const struct rm_entry *entry = &work->stopped->entries[work->turns[i].index];
        const char *dot = strrchr(entry->unit, '.');

        if (entry->part == RM_UNIT_TRIGGER && dot && !strcmp(dot, ".socket") && entry->because &&
            entry->manager_uid == service->manager_uid && !strcmp(entry->because, service->unit) &&
            !(work->turns[i].returned.flags & RMX_ITEM_WAS_UP))
            return true;
    }
    return false;
}

static int pass_over(void *context, uint32_t member, uint32_t failure)
{
    (void)context, (void)member, (void)failure; /* the socket's start will tell */
    return 0;
}

static int stop_before_sockets(struct work *work)
{
    uint32_t count = 0;
    int e;

    for (uint32_t i = 0; i < work->turn_count; i++)
        if (keeps_a_socket_down(work, &work->turns[i])) {
            work->turns[i].returned.flags = 0;
            work->members[count++] = work->turns[i].member;
        }
    if (!count)
        return 0;
    e = rm_host_unitset_run(work->units, RM_UNIT_STOP, work->members, count, work->wait, pass_over, NULL);
    return is_the_end(e) ? e : 0;
}

static int run_turns(struct work *work)
{
    uint32_t count = 0;
    int reported = 0, e = stop_before_sockets(work);

    if (e < 0)
        return e;
    for (int triggers = 1; triggers >= 0; triggers--)
        for (uint32_t i = 0; i < work->turn_count; i++)
            if ((work->stopped->entries[work->turns[i].index].part == RM_UNIT_TRIGGER) == triggers)
                work->members[count++] = work->turns[i].member;
    if (!count)
        return 0;
    e = rm_host_unitset_run(work->units, RM_UNIT_START, work->members, count, work->wait, note_started, work);
    /* What has been started is told of, also when the run was cancelled. */
    for (uint32_t i = 0; i < count && reported >= 0; i++) {
        struct turn *turn = &work->turns[i];

        if (!turn->reported && e < 0 && is_the_end(e))
            continue;
        if (!turn->reported)
            turn->returned.failure = failure_of(e < 0 ? e : -EIO);
        if (turn->returned.failure == RMX_FAIL_NONE)
            verify(work, turn);
        if (turn->returned.failure != RMX_FAIL_NONE)
            turn->returned.detail = rm_host_unitset_at(work->units, turn->member)->detail;
        reported = report(work, turn->index, &turn->returned);
    }
    work->turn_count = 0;
    if (reported < 0)
        return reported;
    return is_the_end(e) ? e : 0;
}

static int look_up_units(struct work *work)
{
    bool any = false;
    int e = rm_host_unitset_new(&work->units);

    for (uint32_t i = 0; e >= 0 && i < work->stopped->count; i++) {
        const struct rm_entry *entry = &work->stopped->entries[i];

        if (!entry->unit)
            continue;
        any = true;
        e = rm_host_unitset_add(work->units, entry->unit, entry->manager_uid);
        if (e == -EINVAL)
            e = 0; /* no unit can have that name: it is not found later */
    }
    return e < 0 || !any ? e : rm_host_unitset_resolve(work->units, work->wait);
}

int rm_bringback(const struct rm_stopped *stopped, struct rm_journal *journal, uint64_t linger_deadline,
                 const struct rm_wait *wait, rm_bringback_done done, void *context)
{
    struct work work = {
        .stopped = stopped,
        .journal = journal,
        .linger_deadline = linger_deadline,
        .wait = wait,
        .done = done,
        .context = context,
    };
    int e = 0;

    if (!stopped->count)
        return 0;
    work.turns = calloc(stopped->count, sizeof *work.turns);
    work.members = calloc(stopped->count, sizeof *work.members);
    e = work.turns && work.members ? look_up_units(&work) : -ENOMEM;
    for (uint32_t i = stopped->count; e >= 0 && i-- > 0;) {
        if (rm_wait_check(wait) == -ECANCELED)
            e = -ECANCELED;
        else if (stopped->entries[i].unit) {
            e = take_unit(&work, i);
        } else {
            e = run_turns(&work);
            if (e >= 0)
                e = bring_back_program(&work, i);
        }
    }
    if (e >= 0)
        e = run_turns(&work);
    rm_host_unitset_free(work.units);
    free(work.members);
    free(work.turns);
    return e < 0 ? e : 0;
}
