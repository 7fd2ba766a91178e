/* SPDX-License-Identifier: MIT
 *
 * A program that says what it has been started as: it opens a FIFO, writes that
 * into it, and lives until it has no reader any more.
 */
#pragma once

#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the environment: FIFO, where it says what it is. */
static inline int be_started(int argc, char **argv)
{
    struct sigaction pipe_action;
    uid_t uid[3];
    gid_t gid[3], groups[16];
    sigset_t mask;
    char directory[PATH_MAX], exe[PATH_MAX] = "", null[3][64] = {""};
    FILE *out = fopen(getenv("FIFO"), "we");
    int fds = 0;
    CHECK(out && getcwd(directory, sizeof(directory)) && readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
    CHECK(getresuid(&uid[0], &uid[1], &uid[2]) == 0 && getresgid(&gid[0], &gid[1], &gid[2]) == 0);
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof(name), "/proc/self/fd/%d", i);
        (void)!readlink(name, null[i], sizeof(null[i]) - 1);
    }
    for (int fd = 3; fd < 1024; fd++)
        fds += fd != fileno(out) && fcntl(fd, F_GETFD) >= 0;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    sigaction(SIGPIPE, NULL, &pipe_action);
    fprintf(out, "exe %s\ndirectory %s\n", exe, directory);
    for (int i = 0; i < argc; i++)
        fprintf(out, "argument %s\n", argv[i]);
    for (char **e = environ; *e; e++)
        fprintf(out, "environment %s\n", *e);
    fprintf(out, "uid %u %u %u\ngid %u %u %u\n", uid[0], uid[1], uid[2], gid[0], gid[1], gid[2]);
    int n = getgroups(16, groups);
    for (int i = 0; i < n; i++)
        fprintf(out, "group %u\n", groups[i]);
    fprintf(out, "stdio %s %s %s, others %d\n", null[0], null[1], null[2], fds);
    fprintf(out, "session %d, parent %d, umask %o\n", getsid(0) == getpid(), getppid() == atoi(getenv("CALLER")), umask(0));
    fprintf(out, "blocked %d, ignored %d\n", sigismember(&mask, SIGUSR1), pipe_action.sa_handler == SIG_IGN);
    CHECK(fflush(out) == 0);
    poll(&(struct pollfd){.fd = fileno(out)}, 1, -1); /* POLLERR: nobody reads any more */
    return 0;
}
