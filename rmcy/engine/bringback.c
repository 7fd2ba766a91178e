/* SPDX-License-Identifier: MIT */
#include "bringback.h"

#include "host.h"
#include "pin.h"
#include "relaunch.h"
#include "returning.h"
#include "turns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct rm_returned *returned, int e)
{
    returned->failure = rm_returning_failure(e);
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
static int outlives_its_end(const struct rm_returning *r, const RM_UNIQUE_PROCESS *process)
{
    struct rm_wait wait = *r->wait;
    struct rm_pin *pin;
    bool ended = false;
    int e = rm_host_pin(process, &pin);

    if (e < 0)
        return e == -ESRCH ? 0 : e; /* what cannot be known is not started a second time */
    if (r->linger_deadline < wait.deadline)
        wait.deadline = r->linger_deadline;
    while (e >= 0 && !ended)
        e = rm_host_pins_wait(&pin, &ended, 1, &wait);
    rm_host_pin_free(pin);
    if (ended)
        return 0;
    return e == -ETIMEDOUT && rm_wait_check(r->wait) >= 0 ? 1 : e;
}

static int start_program(const struct rm_returning *r, const struct rm_entry *entry, struct rm_returned *returned)
{
    char unit[RM_RELAUNCH_UNIT_SIZE];
    int e;

    if (entry->back != RMX_BACK_REGISTERED || !entry->wish) {
        returned->failure = RMX_FAIL_NO_WAY;
        return 0;
    }
    rm_entry_relaunch_unit(&entry->process, unit);
    e = rm_host_relaunch_start(entry->wish, entry->wish_size, unit, r->wait, &returned->now);
    if (rm_returning_is_over(e))
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

static int bring_back_program(const struct rm_returning *r, uint32_t index)
{
    const struct rm_entry *entry = &r->stopped->entries[index];
    struct rm_returned returned = {0};
    int e = 0;

    if (entry->back != RMX_BACK_MASKED) {
        e = outlives_its_end(r, &entry->process);
        if (e > 0) {
            returned.flags = RMX_ITEM_WAS_UP | RMX_ITEM_VERIFIED;
            returned.now = entry->process;
        } else if (e == 0) {
            e = start_program(r, entry, &returned);
        } else if (!rm_returning_is_over(e)) {
            fail(&returned, e);
            e = 0;
        }
    }
    return e < 0 ? e : rm_returning_report(r, index, &returned);
}

int rm_bringback(const struct rm_stopped *stopped, struct rm_journal *journal, uint64_t linger_deadline,
                 const struct rm_wait *wait, rm_bringback_done done, void *context)
{
    struct rm_returning r = {
        .stopped = stopped,
        .journal = journal,
        .linger_deadline = linger_deadline,
        .wait = wait,
        .done = done,
        .context = context,
    };
    struct rm_turns *turns = NULL;
    int e;

    if (!stopped->count)
        return 0;
    e = rm_turns_new(&r, &turns);
    for (uint32_t i = stopped->count; e >= 0 && i-- > 0;) {
        if (rm_wait_check(wait) == -ECANCELED) {
            e = -ECANCELED;
        } else if (stopped->entries[i].unit) {
            e = rm_turns_take(turns, i);
        } else {
            e = rm_turns_run(turns);
            if (e >= 0)
                e = bring_back_program(&r, i);
        }
    }
    if (e >= 0)
        e = rm_turns_run(turns);
    rm_turns_free(turns);
    return e < 0 ? e : 0;
}
