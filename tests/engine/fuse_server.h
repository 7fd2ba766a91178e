/* SPDX-License-Identifier: MIT
 *
 * A file system whose server can stop answering on command: it is a process
 * that is stopped, so its requests stay where they are.  Straight on /dev/fuse.
 *
 * The root has the files a0..a9, which the kernel may remember, and b0..b9,
 * c0..c9 and d0..d9, about which it has to ask each time; c0..c9 are not there,
 * and d0..d9 have the inode numbers of b0..b9, but are other nodes.
 */
#pragma once

#include "check.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUSE_FILE_SIZE 8192
#define FUSE_BUFFER (1u << 17)

struct fuse_server {
    int fd; /* kept, so that a request that waits can be seen */
    pid_t pid;
    const char *at;
};

static inline void fuse_reply(int fd, uint64_t unique, int error, const void *data, size_t size)
{
    struct fuse_out_header head = {.len = (uint32_t)(sizeof head + size), .error = error, .unique = unique};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)data, size}};

    /* ENOENT: whoever asked has been killed meanwhile. */
    CHECK(writev(fd, parts, size ? 2 : 1) >= 0 || errno == ENOENT);
}

static inline struct fuse_attr fuse_attributes(uint64_t node)
{
    bool root = node == FUSE_ROOT_ID;
    uint64_t number = node >> 8 == 'd' ? (uint64_t)'b' << 8 | (node & 0xFF) : node;

    return (struct fuse_attr){.ino = number, .size = root ? 0 : FUSE_FILE_SIZE, .blksize = 4096, .nlink = 1,
                              .mode = root ? S_IFDIR | 0777 : S_IFREG | 0666};
}

static inline void fuse_look_up(int fd, const struct fuse_in_header *in)
{
    const char *name = (const char *)(in + 1);
    struct fuse_entry_out out = {.nodeid = (uint64_t)(unsigned char)name[0] << 8 | (unsigned char)name[1],
                                 .entry_valid = name[0] == 'a' ? 1000000 : 0,
                                 .attr_valid = name[0] == 'a' ? 1000000 : 0};

    if (!strchr("abd", name[0]) || strlen(name) != 2) {
        fuse_reply(fd, in->unique, -ENOENT, NULL, 0);
        return;
    }
    out.attr = fuse_attributes(out.nodeid);
    fuse_reply(fd, in->unique, 0, &out, sizeof out);
}

static inline void fuse_answer(int fd, const struct fuse_in_header *in)
{
    static const char zeros[FUSE_BUFFER];
    const void *body = in + 1;

    switch (in->opcode) {
    case FUSE_INIT: {
        struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION, .minor = 31, .max_readahead = 65536,
                                    .max_background = 64, .congestion_threshold = 48, .max_write = 65536};
        fuse_reply(fd, in->unique, 0, &out, sizeof out);
        break;
    }
    case FUSE_LOOKUP:
        fuse_look_up(fd, in);
        break;
    case FUSE_GETATTR:
    case FUSE_SETATTR: {
        struct fuse_attr_out out = {.attr_valid = in->nodeid >> 8 == 'a' ? 1000000 : 0,
                                    .attr = fuse_attributes(in->nodeid)};
        fuse_reply(fd, in->unique, 0, &out, sizeof out);
        break;
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
        bool direct = ((const struct fuse_open_in *)body)->flags & O_APPEND; /* the tests' way to ask for it */
        struct fuse_open_out out = {.open_flags = direct ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE};
        fuse_reply(fd, in->unique, 0, &out, sizeof out);
        break;
    }
    case FUSE_READ: {
        const struct fuse_read_in *ask = body;
        fuse_reply(fd, in->unique, 0, zeros, ask->size < FUSE_BUFFER ? ask->size : FUSE_BUFFER);
        break;
    }
    case FUSE_WRITE: {
        struct fuse_write_out out = {.size = ((const struct fuse_write_in *)body)->size};
        fuse_reply(fd, in->unique, 0, &out, sizeof out);
        break;
    }
    case FUSE_STATFS: {
        struct fuse_statfs_out out = {.st = {.bsize = 4096, .namelen = 255}};
        fuse_reply(fd, in->unique, 0, &out, sizeof out);
        break;
    }
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FSYNC:
    case FUSE_DESTROY:
        fuse_reply(fd, in->unique, 0, NULL, 0);
        break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        break; /* no answer is due */
    default:
        fuse_reply(fd, in->unique, -ENOSYS, NULL, 0);
    }
}

static inline void fuse_serve(int fd)
{
    static char buffer[FUSE_BUFFER + 4096];

    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);

        if (n < 0 && (errno == ENODEV || errno == ECONNABORTED))
            _exit(0); /* unmounted */
        if (n < 0 && (errno == EINTR || errno == ENOENT))
            continue;
        CHECK(n > 0);
        fuse_answer(fd, (const struct fuse_in_header *)(const void *)buffer);
    }
}

/* false: this system has none for us. */
static inline bool fuse_start(struct fuse_server *s, const char *at)
{
    char options[128];

    s->at = at;
    s->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (s->fd < 0)
        return false;
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other", s->fd, (int)geteuid(),
             (int)getegid());
    CHECK(mkdir(at, 0700) == 0);
    if (mount("dead", at, "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
        CHECK(errno == ENODEV || errno == EPERM);
        return false;
    }
    s->pid = fork();
    CHECK(s->pid >= 0);
    if (s->pid == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        fuse_serve(s->fd);
    }
    return true;
}

static inline void fuse_stop(const struct fuse_server *s)
{
    int status;

    CHECK(kill(s->pid, SIGSTOP) == 0);
    CHECK(waitpid(s->pid, &status, WUNTRACED) == s->pid && WIFSTOPPED(status));
}

static inline void fuse_continue(const struct fuse_server *s)
{
    CHECK(kill(s->pid, SIGCONT) == 0);
}

/* With the server stopped: until somebody waits for it. */
static inline void fuse_await_request(const struct fuse_server *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};

    CHECK(poll(&p, 1, -1) == 1 && p.revents & POLLIN);
}

static inline void fuse_end(struct fuse_server *s)
{
    int status;

    CHECK(umount2(s->at, MNT_DETACH) == 0);
    close(s->fd);
    CHECK(waitpid(s->pid, &status, 0) == s->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(rmdir(s->at) == 0);
}
