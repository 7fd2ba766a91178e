/* SPDX-License-Identifier: MIT
 *
 * Pins, and the identity of one process.
 */
#include "pidref.h"

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int rm_pidref_refresh(struct rm_pidref *p)
{
    char text[RM_STAT_SIZE];
    long n = rm_procfs_read_fd(p->stat_fd, text, sizeof(text));
    if (n < 0)
        return n == -ENOENT ? -ESRCH : (int)n;
    return rm_stat_parse(text, (size_t)n, &p->stat);
}

int rm_pidref_open(int proc, uint32_t pid, struct rm_pidref *ret)
{
    struct rm_pidref p = {.dir = -1, .stat_fd = -1, .pid = pid};
    char name[16];
    snprintf(name, sizeof(name), "%u", pid);
    int r = -ESRCH;
    p.dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p.dir < 0)
        goto fail;
    p.stat_fd = openat(p.dir, "stat", O_RDONLY | O_CLOEXEC);
    if (p.stat_fd < 0)
        goto fail;
    r = rm_pidref_refresh(&p);
    if (r < 0)
        goto done;
    *ret = p;
    return 0;
fail:
    r = errno == ENOENT ? -ESRCH : -errno;
done:
    rm_pidref_done(&p);
    return r;
}

void rm_pidref_done(struct rm_pidref *p)
{
    if (p->stat_fd >= 0)
        close(p->stat_fd);
    if (p->dir >= 0)
        close(p->dir);
    p->dir = p->stat_fd = -1;
}

int rm_host_process(uint32_t pid, RM_UNIQUE_PROCESS *ret)
{
    struct rm_procfs proc;
    struct rm_pidref p = {.dir = -1, .stat_fd = -1};
    struct rm_status status;
    int r = rm_procfs_open("/proc", &proc);
    if (r < 0)
        return r;
    r = pid ? rm_pidref_open(proc.fd, pid, &p) : -ESRCH;
    if (r < 0)
        goto out;
    /* The number of a thread opens as well, but no process has it. */
    r = rm_status_read(p.dir, &status);
    if (r == 0 && (status.tgid != pid || rm_pidref_ended(&p)))
        r = -ESRCH;
    if (r == -ENOENT)
        r = -ESRCH;
    if (r == 0)
        *ret = rm_pidref_process(&p);
out:
    rm_pidref_done(&p);
    rm_procfs_done(&proc);
    return r;
}
