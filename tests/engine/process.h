/* SPDX-License-Identifier: MIT
 *
 * Other processes for a test: each runs a function and ends well, or the test
 * fails; and memory that all of them share.
 */
#pragma once

#include "check.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a block in a child; returns at once with its pid. */
#define SPAWN(pid, ...)                                                                                                \
    do {                                                                                                               \
        (pid) = fork();                                                                                                \
        CHECK((pid) >= 0);                                                                                             \
        if ((pid) == 0) {                                                                                              \
            __VA_ARGS__;                                                                                               \
            _exit(0);                                                                                                  \
        }                                                                                                              \
    } while (0)

static inline void expect_success(pid_t pid)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_EQUAL(status, 0);
}

/* True in the child; false in the parent, when the child has ended well. */
static inline bool fork_and_wait(void)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid)
        expect_success(pid);
    return !pid;
}

/* Runs a block in a child and waits for it. */
#define IN_A_PROCESS(...)                                                                                              \
    do {                                                                                                               \
        if (fork_and_wait()) {                                                                                         \
            __VA_ARGS__;                                                                                               \
            _exit(0);                                                                                                  \
        }                                                                                                              \
    } while (0)

static inline void expect_killed(pid_t pid)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static inline void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

/* A pipe through which one process lets others go on: they wait for its last writer to close. */
struct gate {
    int ends[2];
};

static inline void gate_init(struct gate *gate)
{
    CHECK(pipe(gate->ends) == 0);
}

static inline void gate_open(struct gate *gate)
{
    close(gate->ends[0]);
    close(gate->ends[1]);
}

static inline void gate_wait(struct gate *gate)
{
    char byte;

    close(gate->ends[1]);
    CHECK(read(gate->ends[0], &byte, 1) == 0);
    close(gate->ends[0]);
}

/* A pipe on which others report, a byte each. */
static inline void report(const int channel[2])
{
    CHECK(write(channel[1], "x", 1) == 1);
}

static inline void await_report(const int channel[2])
{
    char byte;

    CHECK(read(channel[0], &byte, 1) == 1);
}
