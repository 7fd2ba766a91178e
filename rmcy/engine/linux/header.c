/* SPDX-License-Identifier: MIT */
#include "header.h"

#include "log.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEADER_FILE "session"
static const char magic[8] = "rmcy/1\n";
/* What the magic of every version begins with, at the same place. */
#define ANY_VERSION 5

static uint64_t checksum_of(const struct rm_header *header)
{
    return rm_frame_checksum(&header->magic, sizeof *header - offsetof(struct rm_header, magic), 0);
}

int rm_header_init(struct rm_header *header, uint32_t slot, const char *label)
{
    struct timespec now;

    *header = (struct rm_header){.slot = slot};
    memcpy(header->magic, magic, sizeof magic);
    snprintf(header->label, sizeof header->label, "%s", label);
    clock_gettime(CLOCK_REALTIME, &now);
    header->started = now.tv_sec;
    return rm_owner_self(&header->owner);
}

int rm_header_write(int dir_fd, struct rm_header *header)
{
    int fd = openat(dir_fd, HEADER_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    ssize_t n;
    int e = 0;

    if (fd < 0)
        return -errno;
    header->checksum = checksum_of(header);
    do
        n = write(fd, header, sizeof *header);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *header)
        e = n < 0 ? -errno : -ENOSPC;
    if (close(fd) < 0 && e >= 0)
        e = -errno;
    return e;
}

int rm_header_read(int dir_fd, struct rm_header *ret)
{
    int fd = rm_store_open_file(dir_fd, HEADER_FILE, O_RDONLY, NULL), e = 0;
    struct rm_header header;
    ssize_t n;

    if (fd < 0)
        return fd == -EPERM ? -EBADMSG : fd;
    do
        n = pread(fd, &header, sizeof header, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        e = -errno;
    close(fd);
    if (e < 0)
        return e;
    if (n >= (ssize_t)(offsetof(struct rm_header, magic) + sizeof magic) && !memcmp(header.magic, magic, ANY_VERSION) &&
        memcmp(header.magic, magic, sizeof magic))
        return -EPROTO;
    if (n != (ssize_t)sizeof header || memcmp(header.magic, magic, sizeof magic) ||
        header.checksum != checksum_of(&header) || header.slot >= RM_SLOTS ||
        header.label[RM_LABEL_SIZE - 1])
        return -EBADMSG;
    *ret = header;
    return 0;
}
