/* SPDX-License-Identifier: MIT */
#include "polling.h"

#include "host.h"

#include <errno.h>
#include <time.h>

uint64_t rm_host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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

int rm_wait_for_any(const struct rm_wait *wait, struct pollfd polled[], uint32_t count)
{
    polled[count] = (struct pollfd){.fd = wait->cancel_fd, .events = POLLIN};
    for (;;) {
        int n = poll(polled, (nfds_t)count + 1, rm_wait_milliseconds(wait));

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
