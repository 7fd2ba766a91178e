/* SPDX-License-Identifier: MIT */
#include "polling.h"

#include "host.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

uint64_t rm_host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct rm_wait rm_wait_within(const struct rm_wait *wait, uint64_t time)
{
    struct rm_wait shorter = *wait;
    uint64_t now = rm_host_now();

    if (time != RM_NO_DEADLINE && (wait->deadline == RM_NO_DEADLINE || now + time < wait->deadline))
        shorter.deadline = now + time;
    return shorter;
}

int rm_wait_check(const struct rm_wait *wait)
{
    if (wait->cancel_fd >= 0) {
        struct pollfd p = {.fd = wait->cancel_fd, .events = POLLIN};

        if (poll(&p, 1, 0) > 0)
            return -ECANCELED;
    }
    if (wait->deadline != RM_NO_DEADLINE && rm_host_now() >= wait->deadline)
        return -ETIMEDOUT;
    return 0;
}

/* As poll() takes it: -1 for no deadline; rounded up, so that the deadline has passed when it returns 0. */
static int milliseconds_left(const struct rm_wait *wait)
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

int rm_wait_for_any(const struct rm_wait *wait, struct pollfd polled[], uint32_t count)
{
    polled[count] = (struct pollfd){.fd = wait->cancel_fd, .events = POLLIN};
    for (;;) {
        int n = poll(polled, (nfds_t)count + 1, milliseconds_left(wait));

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n < 0 && wait->interruptible)
            return -EINTR;
        if (n > 0)
            return polled[count].revents && n == 1 ? -ECANCELED : 0;
        if (n == 0 && wait->deadline != RM_NO_DEADLINE && rm_host_now() >= wait->deadline)
            return -ETIMEDOUT;
    }
}

int rm_wait_for(const struct rm_wait *wait, int fd)
{
    struct pollfd polled[2] = {{.fd = fd, .events = POLLIN}};

    return rm_wait_for_any(wait, polled, 1);
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
