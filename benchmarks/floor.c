/* SPDX-License-Identifier: MIT
 *
 * The least that a pass over /proc can cost: the system calls of rmcy's scan
 * for processes that hold nothing of what was asked about, in their order, and
 * nothing done with what they say.  Of registering, too: a statx for each file.  Of /proc/PID/stat only what decides which
 * calls come next is read: is it a kernel thread, has it more threads than one?
 *
 * A library, to be called inside the process that also asks rmcy.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_THREAD 0x00200000u
#define KCMP_FILES 2
#define MASK (STATX_TYPE | STATX_NLINK | STATX_INO | STATX_BTIME | STATX_UID)

struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

struct query {
    uint64_t size, flags, address;
    uint64_t start, end, vma_flags, page_size, offset, inode;
    uint32_t major, minor, name_size, build_id_size;
    uint64_t name, build_id;
};
#define QUERY _IOWR('f', 17, struct query)
#define FILES_FROM_HERE 0x30u

struct counts {
    uint64_t processes, descriptors, maps;
};

static char names[32768], pids[1 << 22], text[32768];

static int look(int dir, const char *name)
{
    struct statx x;
    return statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, MASK, &x) < 0 ? -errno : 0;
}

static void read_stat(int fd, unsigned *ret_flags, unsigned long *ret_threads)
{
    char stat[2048];
    ssize_t n = pread(fd, stat, sizeof(stat) - 1, 0);
    *ret_flags = KERNEL_THREAD;
    if (n <= 0)
        return;
    stat[n] = '\0';
    char rest[64];
    n = pread(fd, rest, sizeof(rest), n);
    char *at = strrchr(stat, ')');
    /* One that has ended holds nothing, and is passed over like a kernel thread. */
    if (at && (at[2] == 'Z' || at[2] == 'X'))
        return;
    for (int field = 3; at && field <= 20; field++) {
        at = strchr(at + 1, ' ');
        if (at && field == 9)
            *ret_flags = (unsigned)strtoul(at, NULL, 10);
        if (at && field == 20)
            *ret_threads = strtoul(at, NULL, 10);
    }
}

static uint64_t descriptors(int dir, const char *name)
{
    uint64_t count = 0;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (long n; (n = syscall(SYS_getdents64, fd, names, sizeof(names))) > 0;)
        for (long at = 0; at < n; at += ((struct entry *)(void *)(names + at))->size) {
            const struct entry *entry = (void *)(names + at);
            if (entry->name[0] == '.')
                continue;
            int r = look(fd, entry->name);
            /* Whoever lets one not be looked at lets none. */
            if (r < 0 && r != -ENOENT)
                goto out;
            count += r == 0;
        }
out:
    close(fd);
    return count;
}

static uint64_t maps(int dir, int by_query)
{
    struct query q = {.size = sizeof(q), .flags = FILES_FROM_HERE};
    uint64_t count = 0;
    int fd = openat(dir, "maps", O_RDONLY | O_CLOEXEC);
    if (by_query)
        for (; ioctl(fd, QUERY, &q) == 0; count++)
            q.address = q.end;
    else
        while (read(fd, text, sizeof(text)) > 0)
            ;
    close(fd);
    return count;
}

static void threads(pid_t pid, int dir)
{
    int fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (long n; (n = syscall(SYS_getdents64, fd, names, sizeof(names))) > 0;)
        for (long at = 0; at < n; at += ((struct entry *)(void *)(names + at))->size) {
            pid_t tid = atoi(((struct entry *)(void *)(names + at))->name);
            if (tid && tid != pid)
                syscall(SYS_kcmp, pid, tid, KCMP_FILES, 0, 0);
        }
    close(fd);
}

static void process(int proc, const char *name, int by_query, struct counts *counts)
{
    unsigned flags = 0;
    unsigned long several = 1;
    int dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int stat = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
    read_stat(stat, &flags, &several);
    if (!(flags & KERNEL_THREAD)) {
        if (several > 1)
            threads(atoi(name), dir);
        (void)look(dir, "exe");
        counts->processes++;
        counts->descriptors += descriptors(dir, "fd");
        counts->maps += maps(dir, by_query);
        read_stat(stat, &flags, &several);
        (void)look(dir, "exe");
    }
    close(stat);
    close(dir);
}

/* One pass.  The list is read at its end again, as in the scan. */
__attribute__((visibility("default"))) void floor_scan(int by_query, struct counts *ret)
{
    struct counts counts = {0};
    size_t used = 0;
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int round = 0; round < 2; round++) {
        int list = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (long n; (n = syscall(SYS_getdents64, list, names, sizeof(names))) > 0;) {
            if (round)
                continue;
            if (used + (size_t)n > sizeof(pids))
                abort();
            memcpy(pids + used, names, (size_t)n);
            used += (size_t)n;
        }
        close(list);
        for (size_t at = 0; round == 0 && at < used; at += ((struct entry *)(void *)(pids + at))->size) {
            const struct entry *entry = (void *)(pids + at);
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                process(proc, entry->name, by_query, &counts);
        }
    }
    close(proc);
    *ret = counts;
}

/* Look each name up, as registering does: how many there were. */
__attribute__((visibility("default"))) size_t floor_look(const char *const *paths, size_t count)
{
    size_t found = 0;
    for (size_t n = 0; n < count; n++)
        found += look(AT_FDCWD, paths[n]) == 0;
    return found;
}

/* Look each name up, and then make the pass. */
__attribute__((visibility("default"))) void floor_ask(const char *const *paths, size_t count, int by_query,
                                                      struct counts *ret)
{
    (void)floor_look(paths, count);
    floor_scan(by_query, ret);
}
