/* SPDX-License-Identifier: MIT
 *
 * Files and programs of a test's own, and the ways of holding them.
 */
#pragma once

#include "holder.h"
#include "question.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define OPEN KIND(RMX_USE_OPEN)
#define MAPPED KIND(RMX_USE_MAPPED)
#define EXECUTABLE KIND(RMX_USE_EXECUTABLE)

static inline void make(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    CHECK(fd >= 0 && ftruncate(fd, 8192) == 0 && close(fd) == 0);
}

static inline void copy_program(const char *from, const char *to)
{
    char buffer[65536];
    ssize_t n;
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    CHECK(in >= 0 && out >= 0);
    while ((n = read(in, buffer, sizeof(buffer))) > 0)
        CHECK(write(out, buffer, (size_t)n) == n);
    CHECK(n == 0 && close(in) == 0 && close(out) == 0);
}

static inline void hold_open(const char *path)
{
    CHECK(open(path, O_RDONLY) >= 0);
}

static inline void hold_map(const char *path)
{
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096) != MAP_FAILED);
    close(fd);
}

/* The copy of cat reads the pipe that ends holders; the other pipe is closed by the execution. */
static inline void hold_executable(const char *path)
{
    CHECK(dup2(holder_hears, 0) == 0);
    execl(path, path, (char *)NULL);
    _exit(127);
}

static inline void hold_directory(const char *path)
{
    CHECK(chdir(path) == 0);
}
