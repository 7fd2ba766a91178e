/* SPDX-License-Identifier: MIT */
#include "registration.h"

#include "host.h"
#include "inode.h"
#include "log.h"
#include "procfs.h"
#include "store.h"
#include "wish.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define SWEPT_AT_ONCE 64 /* ours */
/* A wish with as many groups as there can be, and what stands before it. */
#define FILE_MAX (RM_WISH_TEXT_MAX + 4 * RM_WISH_GROUPS_MAX + 4096)

static const char magic[] = "rmcy-r1\n";

struct frame {
    uint64_t checksum; /* of what follows, the wish too */
    char magic[8];
    uint64_t size; /* of the wish */
    struct rm_run run;
};

int rm_run_self(struct rm_run *ret)
{
    char text[RM_STAT_SIZE];
    struct rm_run run;
    struct rm_stat stat;
    struct rm_inode exe;
    int r = rm_owner_self(&run.process);
    long n = r < 0 ? r : rm_procfs_read(AT_FDCWD, "/proc/self/stat", text, sizeof(text));
    if (n >= 0)
        n = rm_stat_parse(text, (size_t)n, &stat);
    if (n >= 0)
        n = rm_inode_at(AT_FDCWD, "/proc/self/exe", &exe);
    if (n < 0)
        return (int)n;
    run.stack = stat.stack;
    run.exe = exe.id;
    *ret = run;
    return 0;
}

static void name_file(const struct rm_owner *process, char ret[RM_REGISTRATION_NAME_SIZE])
{
    snprintf(ret, RM_REGISTRATION_NAME_SIZE, "%u-%llx-%llx", process->pid, (unsigned long long)process->start,
             (unsigned long long)process->namespace);
}

static bool is_run(const struct rm_run *x, const struct rm_run *y)
{
    const struct rm_owner *a = &x->process, *b = &y->process;
    return a->pid == b->pid && a->start == b->start && a->namespace == b->namespace &&
           a->time_namespace == b->time_namespace && memcmp(a->boot, b->boot, sizeof(a->boot)) == 0 && x->stack &&
           x->stack == y->stack && rm_identity_equal(&x->exe, &y->exe);
}

/* ---- writing ---- */

static int write_all(int fd, const struct frame *frame, const void *wish)
{
    struct iovec parts[] = {{(void *)frame, sizeof(*frame)}, {(void *)wish, frame->size}};
    ssize_t n;
    do
        n = writev(fd, parts, 2);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return (size_t)n == sizeof(*frame) + frame->size ? 0 : -ENOSPC;
}

/* The checksum goes over both parts as if they were one. */
static uint64_t checksum_of(const struct frame *frame, const void *wish)
{
    uint64_t head = rm_frame_checksum(frame->magic, sizeof(*frame) - offsetof(struct frame, magic), 0);
    return rm_frame_checksum(wish, frame->size, head);
}

int rm_registration_directory(int store, bool make)
{
    if (make && mkdirat(store, RM_REGISTRATIONS, 0700) < 0 && errno != EEXIST)
        return -errno;
    return rm_store_open_directory(store, RM_REGISTRATIONS);
}

int rm_registration_write(int directory, const struct rm_run *run, const void *wish, size_t size)
{
    struct frame frame = {.size = size};
    char name[RM_REGISTRATION_NAME_SIZE], temporary[RM_REGISTRATION_NAME_SIZE + 20];
    uint64_t random;
    memcpy(frame.magic, magic, sizeof(frame.magic));
    frame.run = *run;
    frame.checksum = checksum_of(&frame, wish);
    int r = rm_host_random(&random, sizeof(random));
    if (r < 0)
        return r;
    name_file(&run->process, name);
    snprintf(temporary, sizeof(temporary), "%s.%016llx", name, (unsigned long long)random);
    int fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    r = write_all(fd, &frame, wish);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0 && renameat(directory, temporary, directory, name) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(directory, temporary, 0);
    return r;
}

void rm_registration_remove(int directory, const struct rm_owner *process)
{
    char name[RM_REGISTRATION_NAME_SIZE];
    name_file(process, name);
    (void)unlinkat(directory, name, 0);
}

/* Has the process ended that this is the file of?  By its number alone: another one that has the number now keeps the
 * file of the earlier one for its time, which nobody takes for its own. */
static bool is_left(const char *name, const struct rm_owner *self)
{
    unsigned pid;
    unsigned long long start, namespace;
    if (sscanf(name, "%u-%llx-%llx", &pid, &start, &namespace) != 3 || namespace != self->namespace || !pid)
        return false;
    if (pid == self->pid)
        return start != self->start;
    return kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

void rm_registration_sweep(int directory, const struct rm_owner *self)
{
    struct dirent *entry;
    DIR *dir;
    if (rm_store_list(directory, &dir) < 0)
        return;
    for (int n = 0; n < SWEPT_AT_ONCE && rm_store_next(dir, &entry) > 0;)
        if (is_left(entry->d_name, self))
            n += unlinkat(directory, entry->d_name, 0) == 0;
    closedir(dir);
}

/* ---- reading ---- */

static bool is_whole(const struct frame *frame, const void *wish, size_t size)
{
    return memcmp(frame->magic, magic, sizeof(frame->magic)) == 0 && frame->size == size &&
           frame->checksum == checksum_of(frame, wish);
}

/* The bytes come from a file that its owner can write as he likes, and cut while it is read. */
static int take_wish(const uint8_t *data, size_t size, const struct rm_run *run, struct rm_wish **ret)
{
    struct frame frame;
    if (size < sizeof(frame))
        return -ENOENT;
    memcpy(&frame, data, sizeof(frame));
    data += sizeof(frame);
    if (!is_whole(&frame, data, size - sizeof(frame)) || !is_run(&frame.run, run))
        return -ENOENT;
    int r = rm_wish_parse(data, frame.size, ret);
    return r == -EBADMSG ? -ENOENT : r;
}

int rm_registration_read(int directory, uint32_t uid, const struct rm_run *run, struct rm_wish **ret)
{
    char name[RM_REGISTRATION_NAME_SIZE];
    struct stat st;
    name_file(&run->process, name);
    int fd = rm_store_open_file_of(uid, directory, name, O_RDONLY, &st);
    if (fd < 0)
        return -ENOENT;
    size_t size = st.st_size > 0 && st.st_size <= FILE_MAX ? (size_t)st.st_size : 0, used = 0;
    uint8_t *data = malloc(size + 1);
    int r = data ? 0 : -ENOMEM;
    while (r == 0 && used < size) {
        ssize_t n = read(fd, data + used, size - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            r = -ENOENT;
        else
            used += (size_t)n;
    }
    close(fd);
    if (r == 0)
        r = take_wish(data, size, run, ret);
    free(data);
    return r;
}
