/* SPDX-License-Identifier: MIT
 *
 * /proc as files: directories of numbers, small files, and where the caller
 * stands in it.
 */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The kernel's fixed inode number of the first pid namespace. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

struct entry { /* linux_dirent64; glibc 2.28 has no wrapper */
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

int rm_procfs_number(const char *text, size_t length, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (!length)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        unsigned digit = (unsigned)(text[i] - '0');
        if (value > (max - digit) / 10)
            return -EINVAL;
        value = value * 10 + digit;
    }
    *ret = value;
    return 0;
}

static uint32_t own_number(int fd)
{
    char link[16];
    uint64_t value;
    ssize_t n = readlinkat(fd, "self", link, sizeof(link));
    if (n <= 0 || (size_t)n == sizeof(link) || rm_procfs_number(link, (size_t)n, UINT32_MAX, &value) < 0)
        return 0;
    return (uint32_t)value;
}

int rm_procfs_open(const char *path, struct rm_procfs *ret)
{
    struct statfs fs;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    uint32_t self = own_number(fd);
    bool live = fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC && self == (uint32_t)getpid();
    *ret = (struct rm_procfs){.fd = fd, .self = self, .live = live};
    return 0;
}

void rm_procfs_done(struct rm_procfs *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

bool rm_procfs_hides(const struct rm_procfs *p)
{
    struct stat namespace, first;
    if (fstatat(p->fd, "self/ns/pid", &namespace, 0) < 0 || namespace.st_ino != FIRST_PID_NAMESPACE)
        return true;
    /* Process 1 is always there; whoever may not see it may not see others either. */
    return fstatat(p->fd, "1/stat", &first, 0) < 0;
}

long rm_procfs_read_fd(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    for (;;) {
        if (used == size)
            return -EFBIG;
        ssize_t n = pread(fd, buffer + used, size - used, (off_t)used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    buffer[used] = '\0';
    return (long)used;
}

long rm_procfs_read(int dir, const char *name, char *buffer, size_t size)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    long r = rm_procfs_read_fd(fd, buffer, size);
    close(fd);
    return r;
}

int rm_entries_open(struct rm_entries *e, int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    char *buffer = malloc(RM_ENTRIES_SIZE);
    if (!buffer) {
        close(fd);
        return -ENOMEM;
    }
    *e = (struct rm_entries){.fd = fd, .buffer = buffer};
    return 0;
}

void rm_entries_done(struct rm_entries *e)
{
    if (e->fd >= 0)
        close(e->fd);
    free(e->buffer);
    *e = (struct rm_entries){.fd = -1};
}

int rm_entries_next(struct rm_entries *e, const char **ret_name, uint32_t *ret_number)
{
    for (;;) {
        if (e->at == e->used) {
            long n = syscall(SYS_getdents64, e->fd, e->buffer, RM_ENTRIES_SIZE);
            if (n < 0)
                return -errno;
            if (n == 0)
                return 0;
            e->used = (size_t)n;
            e->at = 0;
        }
        const struct entry *entry = (const void *)(e->buffer + e->at);
        e->at += entry->size;
        uint64_t number;
        if (rm_procfs_number(entry->name, strlen(entry->name), UINT32_MAX, &number) < 0)
            continue;
        *ret_name = entry->name;
        *ret_number = (uint32_t)number;
        return 1;
    }
}
