/* SPDX-License-Identifier: MIT */
#include "marker.h"

#include "log.h"
#include "owner.h"
#include "registration.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "up-"
#define SWEPT_AT_ONCE 64 /* ours */

struct frame {
    uint64_t checksum;
    struct rm_owner process;
};

static uint64_t checksum_of(const struct frame *frame)
{
    return rm_frame_checksum(&frame->process, sizeof(frame->process), 0);
}

static int read_frame(int directory, const char *file, struct frame *ret)
{
    struct frame frame;
    int fd = rm_store_open_file(directory, file, O_RDONLY, NULL);
    if (fd < 0)
        return fd;
    ssize_t n;
    do
        n = read(fd, &frame, sizeof(frame));
    while (n < 0 && errno == EINTR);
    close(fd);
    if (n != sizeof(frame) || frame.checksum != checksum_of(&frame))
        return -EBADMSG;
    *ret = frame;
    return 0;
}

int rm_marker_find(const struct rm_marker *m, RM_UNIQUE_PROCESS *ret)
{
    struct frame frame;
    /* What cannot be read was not finished, and so nothing has been let go under that name. */
    if (read_frame(m->directory, m->file, &frame) < 0 || rm_owner_state(&frame.process) == RM_OWNER_DEAD)
        return 0;
    *ret = (RM_UNIQUE_PROCESS){
        .dwProcessId = frame.process.pid,
        .ProcessStartTime = {(DWORD)frame.process.start, (DWORD)(frame.process.start >> 32)},
    };
    return -EEXIST;
}

/* Under the lock: nobody is between looking at one and writing it. */
static void sweep(int directory)
{
    struct frame frame;
    struct dirent *entry;
    DIR *dir;
    if (rm_store_list(directory, &dir) < 0)
        return;
    for (int n = 0; n < SWEPT_AT_ONCE && rm_store_next(dir, &entry) > 0;) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        n++;
        if (read_frame(directory, entry->d_name, &frame) == 0 && rm_owner_state(&frame.process) == RM_OWNER_DEAD)
            (void)unlinkat(directory, entry->d_name, 0);
    }
    closedir(dir);
}

int rm_marker_write(const struct rm_marker *m, const RM_UNIQUE_PROCESS *process)
{
    struct frame frame;
    int r = rm_owner_self(&frame.process);
    if (r < 0)
        return r;
    frame.process.pid = process->dwProcessId;
    frame.process.start = process->ProcessStartTime.dwLowDateTime | (uint64_t)process->ProcessStartTime.dwHighDateTime << 32;
    frame.checksum = checksum_of(&frame);
    (void)unlinkat(m->directory, m->file, 0);
    int fd = openat(m->directory, m->file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    ssize_t n;
    do
        n = write(fd, &frame, sizeof(frame));
    while (n < 0 && errno == EINTR);
    r = n < 0 ? -errno : n == sizeof(frame) ? 0 : -ENOSPC;
    close(fd);
    if (r == 0)
        sweep(m->directory);
    return r;
}

int rm_marker_open(const char *name, struct rm_marker *ret)
{
    struct rm_marker m;
    char path[RM_STORE_PATH_MAX];
    int n = snprintf(m.file, sizeof(m.file), PREFIX "%s", name);
    if (n < 0 || (size_t)n >= sizeof(m.file) || strchr(name, '/') || !*name)
        return -EINVAL;
    int r = rm_store_place(0, path);
    m.store = r < 0 ? r : rm_store_make(path);
    if (m.store < 0)
        return m.store;
    m.directory = rm_registration_directory(m.store, true);
    if (m.directory < 0) {
        close(m.store);
        return m.directory;
    }
    *ret = m;
    return 0;
}

void rm_marker_done(struct rm_marker *m)
{
    close(m->directory);
    close(m->store);
}
