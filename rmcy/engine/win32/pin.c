/* SPDX-License-Identifier: MIT
 *
 * Not there yet.
 */
#include "pin.h"

#include <errno.h>

int rm_host_pin(const RM_UNIQUE_PROCESS *process, struct rm_pin **ret)
{
    (void)process, (void)ret;
    return -ENOSYS;
}

void rm_host_pin_free(struct rm_pin *pin)
{
    (void)pin;
}

void rm_host_pins_free(struct rm_pin **pins, uint32_t count)
{
    (void)pins, (void)count;
}

RM_UNIQUE_PROCESS rm_host_pin_process(const struct rm_pin *pin)
{
    (void)pin;
    return (RM_UNIQUE_PROCESS){0};
}

int rm_host_pin_ask(const struct rm_pin *pin, enum rm_request request)
{
    (void)pin, (void)request;
    return -ENOSYS;
}

bool rm_host_pin_ended(const struct rm_pin *pin)
{
    (void)pin;
    return false;
}

int rm_host_pins_wait(struct rm_pin *const pins[], bool ended[], uint32_t count, const struct rm_wait *wait)
{
    (void)pins, (void)ended, (void)count, (void)wait;
    return -ENOSYS;
}
