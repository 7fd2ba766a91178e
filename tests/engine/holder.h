/* SPDX-License-Identifier: MIT
 *
 * Children that hold something and say when they do.  No test waits by the
 * clock: a holder writes one byte when it is ready and ends when the pipe
 * that it reads is closed.
 */
#pragma once

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct holder {
    pid_t pid;
    int end; /* closing it ends the child */
};

/* In the child: `hold` takes what it is given, calls holder_ready and holder_wait, or returns to have both done. */
static int holder_says, holder_hears;

/* Ends of other holders: a child that kept one would keep that holder waiting. */
static int holder_ends[16], holder_count;

static inline void holder_ready(void)
{
    CHECK(write(holder_says, "", 1) == 1);
}

static inline void holder_wait(void)
{
    char c;
    while (read(holder_hears, &c, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

static inline struct holder holder_start(void (*hold)(const char *), const char *what)
{
    int says[2], hears[2];
    char c;
    CHECK(pipe2(says, O_CLOEXEC) == 0 && pipe2(hears, O_CLOEXEC) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        close(says[0]);
        close(hears[1]);
        for (int i = 0; i < holder_count; i++)
            close(holder_ends[i]);
        holder_says = says[1];
        holder_hears = hears[0];
        hold(what);
        holder_ready();
        holder_wait();
    }
    close(says[1]);
    close(hears[0]);
    /* One byte, or the end of the file when a holder has executed another program. */
    CHECK(read(says[0], &c, 1) >= 0);
    close(says[0]);
    CHECK(waitpid(pid, NULL, WNOHANG) == 0);
    CHECK(holder_count < 16);
    holder_ends[holder_count++] = hears[1];
    return (struct holder){pid, hears[1]};
}

/* Lets a holder end, waits for that, and gives what waitpid() says of it. */
static inline int holder_reap(const struct holder *h)
{
    int status;
    for (int i = 0; i < holder_count; i++)
        if (holder_ends[i] == h->end)
            holder_ends[i--] = holder_ends[--holder_count];
    close(h->end);
    CHECK(waitpid(h->pid, &status, 0) == h->pid);
    return status;
}

/* Waits for a holder's end and gives the signal that it died of, or 0. */
static inline int ended_by(const struct holder *h)
{
    int status = holder_reap(h);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static inline void holder_stop(const struct holder *h)
{
    int status = holder_reap(h);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
