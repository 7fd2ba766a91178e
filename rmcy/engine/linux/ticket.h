/* SPDX-License-Identifier: MIT
 *
 * A place in line for the lock file, between processes.
 *
 * A blocking lock alone is not fair: the kernel wakes the first waiter, but
 * until that runs, whoever has just let go can take the lock again, and a busy
 * program does so thousands of times in a row.  So each comer locks one byte
 * of the file for writing, its ticket, behind every ticket that there is, and
 * then waits until it can lock all bytes before its own for reading.
 *
 *   one at a time  of two who hold the lock, the later would have a read lock
 *                  on the byte that the earlier has locked for writing
 *   fair           who draws after us finds our ticket and draws a later one;
 *                  only those who were drawing at the same moment can come
 *                  before us, each once
 *   kills          the kernel drops a dead process's bytes: who waited in line
 *                  leaves a gap, who held the lock lets the next one in
 *   no polling     each waits in the kernel for the one before it
 *
 * Nothing is written: it works on a full disk.  While nobody waits, tickets
 * begin at 0 again.  Since nobody is overtaken, a process that is stopped in
 * line keeps those behind it waiting, as one that is stopped with the lock
 * always does, until their time-outs.
 *
 * All locks belong to the open file description `fd`, which is writable.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rm_ticket {
    bool drawn;
    int64_t number;
    int64_t before; /* the ticket in front of ours when we drew it; -1: none */
};

/* Does not wait.  -EAGAIN: the file is locked by something that is not a ticket. */
int rm_ticket_draw(int fd, struct rm_ticket *ret);
/* Is it our turn?  -EAGAIN if not. */
int rm_ticket_try(int fd, const struct rm_ticket *ticket);
/* Draws if that has not been done, and blocks until it is our turn. */
int rm_ticket_wait(int fd, struct rm_ticket *ticket);
/* Gives the ticket back, or the lock. */
void rm_ticket_return(int fd);
