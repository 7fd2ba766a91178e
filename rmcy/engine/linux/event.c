/* SPDX-License-Identifier: MIT */
#include "event.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct rm_event {
    int fd;
};

int rm_event_new(struct rm_event **ret)
{
    struct rm_event *event = malloc(sizeof *event);
    int e;

    if (!event)
        return -ENOMEM;
    event->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event->fd < 0) {
        e = -errno;
        free(event);
        return e;
    }
    *ret = event;
    return 0;
}

void rm_event_free(struct rm_event *event)
{
    if (!event)
        return;
    close(event->fd);
    free(event);
}

void rm_event_set(struct rm_event *event)
{
    while (write(event->fd, &(uint64_t){1}, sizeof(uint64_t)) < 0 && errno == EINTR)
        ;
}

int rm_event_fd(const struct rm_event *event)
{
    return event->fd;
}
