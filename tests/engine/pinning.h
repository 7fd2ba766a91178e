/* SPDX-License-Identifier: MIT
 *
 * Pins of a test's own children.
 */
#pragma once

#include "for_ever.h"
#include "hold.h"
#include "pinned.h"
#include "process.h"

static inline struct rm_pin *pin_of(pid_t pid)
{
    RM_UNIQUE_PROCESS process, pinned;
    struct rm_pin *pin;
    CHECK_EQUAL(rm_host_process((uint32_t)pid, &process), 0);
    CHECK_EQUAL(rm_host_pin(&process, &pin), 0);
    pinned = rm_host_pin_process(pin);
    CHECK(!memcmp(&pinned, &process, sizeof(process)));
    return pin;
}

static inline void await_end(struct rm_pin *pin)
{
    bool ended = false;
    CHECK_EQUAL(rm_host_pins_wait(&pin, &ended, 1, &for_ever), 0);
    CHECK(ended && rm_host_pin_ended(pin));
}

static inline void hold_nothing(const char *what)
{
    (void)what;
}

static inline void end_well(int number)
{
    (void)number;
    _exit(0);
}
