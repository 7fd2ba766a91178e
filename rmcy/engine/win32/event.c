/* SPDX-License-Identifier: MIT */
#include "event.h"

#include "error.h"
#include "waiting.h"

#include <errno.h>
#include <stdlib.h>

struct rm_event {
    HANDLE handle;
};

int rm_event_new(struct rm_event **ret)
{
    struct rm_event *event = malloc(sizeof *event);
    int e;

    if (!event)
        return -ENOMEM;
    event->handle = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!event->handle) {
        e = rm_last_error();
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
    CloseHandle(event->handle);
    free(event);
}

void rm_event_set(struct rm_event *event)
{
    SetEvent(event->handle);
}

int rm_event_fd(const struct rm_event *event)
{
    return rm_fd_from_handle(event->handle);
}
