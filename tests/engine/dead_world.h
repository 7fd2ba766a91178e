/* SPDX-License-Identifier: MIT
 *
 * A directory with a file on the disk and a mount whose server can be stopped,
 * and a process whose memory is locked for as long as it is.
 */
#pragma once

#include "fuse_server.h"
#include "holder.h"
#include "question.h"
#include "sandbox.h"

#include <limits.h>
#include <sched.h>
#include <sys/mman.h>

static struct fuse_server server;
static char local[PATH_MAX]; /* a file on the disk */

static char directory[] = "dead-XXXXXX";

static inline void await_threads(void)
{
    while (rm_stuck_count())
        sched_yield();
}

/* In a holder: its own hold on the server's end would keep its files waiting for ever after a test that failed. */
static inline void let_go(void)
{
    close(server.fd);
}

/* false: this system has no FUSE for us. */
static inline bool dead_world_enter(void)
{
    sandbox_enter("size=1m");
    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    int fd = open("local", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && ftruncate(fd, 8192) == 0 && close(fd) == 0 && realpath("local", local));
    if (fuse_start(&server, "dead"))
        return true;
    CHECK(unlink("local") == 0 && (rmdir("dead") == 0 || errno == ENOENT));
    CHECK(chdir("..") == 0 && rmdir(directory) == 0);
    return false;
}

static inline void dead_world_leave(void)
{
    fuse_end(&server);
    CHECK(unlink("local") == 0 && chdir("..") == 0 && rmdir(directory) == 0);
}

/* A map is replaced by one of a file that is open for direct access: what others have changed of that file in the
 * cache is written first, and all the while the memory of the process is locked. */
static int told[2];

static inline void lock_memory(const char *path)
{
    char c;
    let_go();
    int cached = open(path, O_RDWR), direct = open(path, O_RDONLY | O_APPEND), other = open(local, O_RDONLY);
    CHECK(cached >= 0 && direct >= 0 && other >= 0);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
    char *replaced = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, other, 0);
    CHECK(page != MAP_FAILED && replaced != MAP_FAILED);
    *(volatile char *)page = 1;
    holder_ready();
    CHECK(read(told[0], &c, 1) == 1);
    CHECK(mmap(replaced, 8192, PROT_READ, MAP_PRIVATE | MAP_FIXED, direct, 0) == replaced);
    holder_wait();
}

static inline struct holder start_locked(const char *path)
{
    CHECK(pipe2(told, O_CLOEXEC) == 0);
    struct holder h = holder_start(lock_memory, path);
    fuse_stop(&server);
    CHECK(write(told[1], "", 1) == 1);
    fuse_await_request(&server);
    return h;
}

static inline void end_locked(struct holder *h)
{
    fuse_continue(&server);
    holder_stop(h);
    close(told[0]), close(told[1]);
    await_threads();
}
