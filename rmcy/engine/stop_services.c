/* SPDX-License-Identifier: MIT
 *
 * Services are stopped by their managers, with what would start them again and
 * all that goes down with them: in one run, for the managers know the order
 * among them.
 */
#include "stop.h"

#include "host.h"

#include <errno.h>
#include <stdlib.h>

struct services {
    struct rm_stop *stop;
    struct rm_item **by_member;
    uint32_t *members; /* of the run that is under way */
    uint32_t count;
    bool *reported; /* by member */
};

static int services_new(struct rm_stop *stop, struct services *s)
{
    const struct rm_items *items = &stop->ledger->items;
    uint32_t count = rm_host_unitset_count(stop->units);

    *s = (struct services){.stop = stop};
    s->by_member = calloc((size_t)count + 1, sizeof *s->by_member);
    s->members = calloc((size_t)count + 1, sizeof *s->members);
    s->reported = calloc((size_t)count + 1, sizeof *s->reported);
    if (!s->by_member || !s->members || !s->reported)
        return -ENOMEM;
    for (uint32_t i = 0; i < items->count; i++)
        if (rm_stop_wants(items->at[i], RMX_ACTION_UNIT))
            s->by_member[items->at[i]->member] = items->at[i];
    return 0;
}

static void services_done(struct services *s)
{
    free(s->by_member);
    free(s->members);
    free(s->reported);
}

/* In the order in which they go down; they come back the other way. */
static int select_and_announce(struct services *s)
{
    static const enum rm_unit_part order[] = {RM_UNIT_TRIGGER, RM_UNIT_DEPENDENT, RM_UNIT_AFFECTED};
    struct rm_stop *stop = s->stop;
    uint32_t total = rm_host_unitset_count(stop->units);

    s->count = 0;
    for (size_t part = 0; part < sizeof order / sizeof order[0]; part++)
        for (uint32_t i = 0; i < total; i++) {
            struct rm_item *item = s->by_member[i];
            int e;

            if (!item || item->part != order[part])
                continue;
            e = rm_wait_check(stop->wait);
            if (e >= 0)
                e = rm_ledger_stopping(stop->ledger, stop->session->slot, item, stop->wait);
            if (e < 0)
                return e;
            s->members[s->count++] = i;
        }
    return 0;
}

static int on_stopped(void *context, uint32_t index, uint32_t failure)
{
    struct services *s = context;
    struct rm_item *item = s->by_member[index];

    s->reported[index] = true;
    item->info.failure = failure;
    if (!failure)
        rm_stop_done(s->stop, item);
    return 0;
}

static int on_killed(void *context, uint32_t index, uint32_t failure)
{
    struct services *s = context;

    if (failure)
        return 0; /* it stays what the stop came to */
    s->by_member[index]->info.flags |= RMX_ITEM_FORCED;
    return on_stopped(context, index, failure);
}

static bool any_late(const struct services *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->by_member[s->members[i]]->info.failure == RMX_FAIL_TIMEOUT)
            return true;
    return false;
}

static int kill_rest(struct services *s)
{
    struct rm_wait wait = rm_wait_within(s->stop->wait, RM_KILL_TIME);
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->count; i++) {
        const struct rm_item *item = s->by_member[s->members[i]];

        if (item->info.failure == RMX_FAIL_TIMEOUT && item->part != RM_UNIT_TRIGGER)
            s->members[count++] = s->members[i];
    }
    return count ? rm_host_unitset_run(s->stop->units, RM_UNIT_KILL, s->members, count, &wait, on_killed, s) : 0;
}

/* What its manager may not stop is spared.  A job that is under way goes on: that unit will come down. */
static void conclude(struct services *s, uint32_t member, int e)
{
    struct rm_item *item = s->by_member[member];
    uint32_t failure = item->info.failure;

    if (!s->reported[member] && e == -ECANCELED)
        rm_stop_broken_off(item);
    else if (!s->reported[member])
        rm_stop_failed(s->stop, item, RMX_FAIL_TIMEOUT, NULL);
    else if (failure)
        rm_stop_failed(s->stop, item, failure, rm_host_unitset_at(s->stop->units, member)->detail);
    if (failure == RMX_FAIL_PERMISSION) {
        item->asked = false;
        rm_ledger_spared(s->stop->ledger, item);
    }
}

static int stop_all(struct services *s)
{
    struct rm_wait wait;
    int e = select_and_announce(s);

    if (e < 0 || !s->count)
        return e;
    for (uint32_t i = 0; i < s->count; i++)
        s->by_member[s->members[i]]->asked = true;
    wait = rm_wait_within(s->stop->wait, s->stop->service_time);
    e = rm_host_unitset_run(s->stop->units, RM_UNIT_STOP, s->members, s->count, &wait, on_stopped, s);
    if (e >= 0 && any_late(s))
        e = rm_wait_check(s->stop->wait);
    if (e >= 0 && s->stop->force)
        e = kill_rest(s);
    for (uint32_t i = 0; i < rm_host_unitset_count(s->stop->units); i++)
        if (s->by_member[i] && s->by_member[i]->asked)
            conclude(s, i, e);
    return e;
}

int rm_stop_services(struct rm_stop *stop)
{
    struct services s;
    int e;

    if (!stop->units)
        return 0;
    e = services_new(stop, &s);
    if (e >= 0)
        e = stop_all(&s);
    services_done(&s);
    return e;
}
