/* SPDX-License-Identifier: MIT */
#include "ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* No ticket lies here: they would take longer than any machine runs. */
#define BEYOND ((int64_t)1 << 62)

/* length 0: up to any end. */
static int set_lock(int fd, int command, short type, int64_t start, int64_t length)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    int r;

    do
        r = fcntl(fd, command, &lock);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return errno == EACCES ? -EAGAIN : -errno;
    return 0;
}

/* The first byte behind all locks of others.  -EAGAIN: there is none. */
static int find_end(int fd, int64_t *ret)
{
    int64_t end = 0;

    for (;;) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = end};

        if (fcntl(fd, F_OFD_GETLK, &lock) < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (lock.l_type == F_UNLCK) {
            *ret = end;
            return 0;
        }
        if (!lock.l_len || lock.l_start >= BEYOND || lock.l_len >= BEYOND - lock.l_start)
            return -EAGAIN;
        end = lock.l_start + lock.l_len;
    }
}

int rm_ticket_draw(int fd, struct rm_ticket *ret)
{
    int64_t end = 0;
    int e;

    /* Another who draws now may be quicker; then that one's ticket is in front of ours. */
    do {
        e = find_end(fd, &end);
        if (e < 0)
            return e;
        e = set_lock(fd, F_OFD_SETLK, F_WRLCK, end, 1);
    } while (e == -EAGAIN);
    if (e < 0)
        return e;
    *ret = (struct rm_ticket){.drawn = true, .number = end, .before = end - 1};
    return 0;
}

int rm_ticket_try(int fd, const struct rm_ticket *ticket)
{
    return ticket->number ? set_lock(fd, F_OFD_SETLK, F_RDLCK, 0, ticket->number) : 0;
}

int rm_ticket_wait(int fd, struct rm_ticket *ticket)
{
    int e = 0;

    while (!ticket->drawn) {
        e = rm_ticket_draw(fd, ticket);
        if (e != -EAGAIN)
            break;
        /* Not by one of us, and it locks to the end: wait for that end. */
        e = set_lock(fd, F_OFD_SETLKW, F_RDLCK, BEYOND, 0);
        if (e >= 0)
            e = set_lock(fd, F_OFD_SETLK, F_UNLCK, BEYOND, 0);
        if (e < 0)
            break;
    }
    /* The one before us first: if all waited for everybody, each release would wake them all. */
    if (e >= 0 && ticket->before >= 0)
        e = set_lock(fd, F_OFD_SETLKW, F_RDLCK, ticket->before, 1);
    /* It may have died in line, with others still before it. */
    if (e >= 0 && ticket->number)
        e = set_lock(fd, F_OFD_SETLKW, F_RDLCK, 0, ticket->number);
    return e;
}

void rm_ticket_return(int fd)
{
    (void)set_lock(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
}
