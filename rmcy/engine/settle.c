/* SPDX-License-Identifier: MIT */
#include "settle.h"

#include "pin.h"

#include <errno.h>
#include <stdlib.h>

uint64_t rm_settle_time = UINT64_C(200000000);

static bool any_is_left(struct rm_pin *const pins[], const bool ended[], uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (pins[i] && !ended[i])
            return true;
    return false;
}

int rm_settle(const RM_UNIQUE_PROCESS processes[], bool ended[], uint32_t count, const struct rm_wait *wait)
{
    struct rm_wait shorter = rm_wait_within(wait, rm_settle_time);
    struct rm_pin **pins = calloc((size_t)count + 1, sizeof *pins);
    int e = pins ? 0 : -ENOMEM, missed = 0;

    for (uint32_t i = 0; e >= 0 && i < count; i++) {
        int pinned = rm_host_pin(&processes[i], &pins[i]);

        ended[i] = pinned == -ESRCH;
        if (pinned < 0 && !ended[i])
            missed = pinned;
    }
    while (e >= 0 && any_is_left(pins, ended, count))
        e = rm_host_pins_wait(pins, ended, count, &shorter);
    rm_host_pins_free(pins, count);
    return e < 0 && e != -ETIMEDOUT ? e : missed;
}
