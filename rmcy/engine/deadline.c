/* SPDX-License-Identifier: MIT
 *
 * What of a wait is arithmetic.
 */
#include "wait.h"

#include "host.h"

#include <limits.h>

struct rm_wait rm_wait_within(const struct rm_wait *wait, uint64_t time)
{
    struct rm_wait shorter = *wait;
    uint64_t now = rm_host_now();

    if (time != RM_NO_DEADLINE && (wait->deadline == RM_NO_DEADLINE || now + time < wait->deadline))
        shorter.deadline = now + time;
    return shorter;
}

struct rm_wait rm_wait_at_most(const struct rm_wait *wait, uint64_t time)
{
    struct rm_wait shorter = *wait;
    uint64_t now = rm_host_now();

    if (wait->deadline != RM_NO_DEADLINE) {
        uint64_t left = wait->deadline > now ? wait->deadline - now : 0;

        time = left / 2 < time ? left / 2 : time;
    }
    shorter.deadline = now + time;
    return shorter;
}

int rm_wait_milliseconds(const struct rm_wait *wait)
{
    uint64_t now, ms;

    if (wait->deadline == RM_NO_DEADLINE)
        return -1;
    now = rm_host_now();
    if (now >= wait->deadline)
        return 0;
    ms = (wait->deadline - now + 999999) / 1000000;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}
