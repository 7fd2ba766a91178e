/* SPDX-License-Identifier: MIT
 *
 * A sandbox with a pid namespace of its own as well: few processes, so that a
 * list of them is short; pids that can be chosen; and a /proc that agrees.
 */
#pragma once

#include "process.h"
#include "sandbox.h"

#include <signal.h>
#include <sys/prctl.h>

/* Goes on in a child that is process 1 of the new world; the caller waits for it and ends as it ends. */
static inline void small_world_enter(const char *options)
{
    pid_t first;
    int status;

    sandbox_enter(options);
    CHECK(unshare(CLONE_NEWPID) == 0);
    fflush(stdout);
    first = fork();
    CHECK(first >= 0);
    if (first == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        CHECK(mount("proc", "/proc", "proc", 0, NULL) == 0);
        return;
    }
    CHECK(waitpid(first, &status, 0) == first);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}
