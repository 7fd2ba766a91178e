/* SPDX-License-Identifier: MIT
 *
 * Programs are asked to end all at once, each through its pin, and waited for
 * together.
 */
#include "stop.h"

#include "host.h"
#include "pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct programs {
    struct rm_item **items;
    struct rm_pin **pins; /* NULL: nobody to wait for any more */
    bool *ended;
    uint32_t count;
};

static void programs_done(struct programs *p)
{
    free(p->items);
    free(p->pins);
    free(p->ended);
}

static int gather(const struct rm_stop *stop, struct programs *p)
{
    const struct rm_items *items = &stop->ledger->items;

    p->items = calloc((size_t)items->count + 1, sizeof *p->items);
    p->pins = calloc((size_t)items->count + 1, sizeof *p->pins);
    p->ended = calloc((size_t)items->count + 1, sizeof *p->ended);
    if (!p->items || !p->pins || !p->ended)
        return -ENOMEM;
    for (uint32_t i = 0; i < items->count; i++)
        if (rm_stop_wants(items->at[i], RMX_ACTION_SIGNAL))
            p->items[p->count++] = items->at[i];
    return 0;
}

static int announce(struct rm_stop *stop, const struct programs *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        int e = rm_wait_check(stop->wait);

        if (e >= 0)
            e = rm_ledger_stopping(stop->ledger, stop->session->slot, p->items[i], stop->wait);
        if (e < 0)
            return e;
    }
    return 0;
}

/* Nothing was done about it, whatever was written down. */
static void spare(struct rm_stop *stop, struct rm_item *item)
{
    if (!item->asked)
        rm_ledger_spared(stop->ledger, item);
}

static void say_error(struct rm_stop *stop, struct rm_item *item, int e)
{
    rm_stop_failed(stop, item, e == -EPERM ? RMX_FAIL_PERMISSION : RMX_FAIL_SYSTEM, strerror(-e));
}

static void ask(struct rm_stop *stop, struct programs *p, uint32_t at)
{
    struct rm_item *item = p->items[at];
    int e = item->pin ? rm_host_pin_ask(item->pin, RM_REQUEST_END) : -EBADF;

    if (e >= 0) {
        item->asked = true;
        item->asked_at = rm_host_now();
        p->pins[at] = item->pin;
    } else if (e == -ESRCH && item->asked) {
        rm_stop_done(stop, item);
    } else if (e == -ESRCH) {
        spare(stop, item);
        item->due = false;
        item->info.status = (item->info.status & ~(uint32_t)RmStatusRunning) | RmStatusStoppedOther;
        rm_progress_step(&stop->progress, &item->info);
    } else {
        spare(stop, item);
        say_error(stop, item, e);
    }
}

/* Marks those that have ended since the last time. */
static void settle(struct rm_stop *stop, struct programs *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->pins[i] || (!p->ended[i] && !rm_host_pin_ended(p->pins[i])))
            continue;
        p->pins[i] = NULL;
        rm_stop_done(stop, p->items[i]);
        rm_host_pin_free(p->items[i]->pin);
        p->items[i]->pin = NULL;
    }
}

static uint32_t count_alive(const struct programs *p)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->count; i++)
        n += p->pins[i] != NULL;
    return n;
}

/* 0: all have ended, or the time is up. */
static int await(struct rm_stop *stop, struct programs *p, uint64_t time)
{
    struct rm_wait wait = rm_wait_within(stop->wait, time);
    int e = 0;

    settle(stop, p);
    while (e >= 0 && count_alive(p)) {
        e = rm_host_pins_wait(p->pins, p->ended, p->count, &wait);
        settle(stop, p);
    }
    return e == -ETIMEDOUT ? rm_wait_check(stop->wait) : e;
}

static void kill_rest(struct rm_stop *stop, struct programs *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        int e = p->pins[i] ? rm_host_pin_ask(p->pins[i], RM_REQUEST_KILL) : -ESRCH;

        if (e >= 0)
            p->items[i]->info.flags |= RMX_ITEM_FORCED;
        else if (e != -ESRCH) {
            p->pins[i] = NULL;
            say_error(stop, p->items[i], e);
        }
    }
}

/* They stay what the session has asked to end: one that does so later is brought back as well. */
static void give_up(struct rm_stop *stop, struct programs *p, int e)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->pins[i] && e == -ECANCELED)
            rm_stop_broken_off(p->items[i]);
        else if (p->pins[i])
            rm_stop_failed(stop, p->items[i], RMX_FAIL_TIMEOUT, NULL);
    }
}

int rm_stop_programs(struct rm_stop *stop)
{
    struct programs p = {0};
    int e = gather(stop, &p);

    if (e >= 0)
        e = announce(stop, &p);
    if (e < 0)
        goto out;
    for (uint32_t i = 0; i < p.count; i++)
        ask(stop, &p, i);
    e = await(stop, &p, stop->app_time);
    if (e >= 0 && stop->force && count_alive(&p)) {
        kill_rest(stop, &p);
        e = await(stop, &p, RM_KILL_TIME);
    }
    give_up(stop, &p, e);
out:
    programs_done(&p);
    return e;
}
