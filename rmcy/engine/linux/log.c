/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int write_all(int fd, struct iovec *parts, int count, uint64_t offset)
{
    while (count) {
        ssize_t n = pwritev(fd, parts, count, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        offset += (uint64_t)n;
        for (; count && (size_t)n >= parts->iov_len; parts++, count--)
            n -= (ssize_t)parts->iov_len;
        if (count) {
            parts->iov_base = (uint8_t *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
    return 0;
}

int rm_log_append(int fd, struct rm_log *log, const void *data, size_t size)
{
    static const uint8_t zeros[8];
    struct rm_frame frame;
    struct iovec parts[3] = {{.iov_base = &frame, .iov_len = sizeof frame},
                             {.iov_base = (void *)(uintptr_t)data, .iov_len = size},
                             {.iov_base = (void *)(uintptr_t)zeros, .iov_len = rm_frame_padded(size) - size}};
    struct stat st;
    int e;

    if (size > RM_FRAME_MAX)
        return -EFBIG;
    if (fstat(fd, &st) < 0)
        return -errno;
    if ((uint64_t)st.st_size < log->good)
        return -EIO;
    if ((uint64_t)st.st_size > log->good && ftruncate(fd, (off_t)log->good) < 0)
        return -errno;
    frame = rm_frame_make(data, size, log->good);
    e = write_all(fd, parts, 3, log->good);
    if (e < 0) {
        (void)!ftruncate(fd, (off_t)log->good); /* else the next append does it */
        return e;
    }
    log->good += sizeof frame + rm_frame_padded(size);
    return 0;
}

static int read_all(int fd, void *to, size_t size, uint64_t offset)
{
    uint8_t *p = to;

    while (size) {
        ssize_t n = pread(fd, p, size, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENODATA;
        p += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

/* One record at `offset` into `*buffer`, which grows: its size, or -ENODATA if no whole one stands there. */
static int64_t read_record(int fd, uint64_t offset, uint64_t end, uint8_t **buffer, size_t *capacity)
{
    struct rm_frame frame;
    int e;

    if (offset + sizeof frame > end)
        return -ENODATA;
    e = read_all(fd, &frame, sizeof frame, offset);
    if (e < 0)
        return e;
    if (!rm_frame_is_sane(&frame, offset, end))
        return -ENODATA;
    if (frame.size > *capacity) {
        uint8_t *larger = realloc(*buffer, frame.size);

        if (!larger)
            return -ENOMEM;
        *buffer = larger;
        *capacity = frame.size;
    }
    e = read_all(fd, *buffer, frame.size, offset + sizeof frame);
    if (e < 0)
        return e;
    if (!rm_frame_is_of(&frame, *buffer, offset))
        return -ENODATA;
    return frame.size;
}

int rm_log_read(int fd, uint64_t *offset, int (*record)(void *context, const void *data, size_t size), void *context)
{
    uint8_t *buffer = NULL;
    size_t capacity = 0;
    struct stat st;
    int e = 0;

    if (fstat(fd, &st) < 0)
        return -errno;
    for (;;) {
        int64_t size = read_record(fd, *offset, (uint64_t)st.st_size, &buffer, &capacity);

        if (size < 0) {
            e = size == -ENODATA ? 0 : (int)size;
            break;
        }
        e = record(context, buffer, (size_t)size);
        if (e < 0)
            break;
        *offset += sizeof(struct rm_frame) + rm_frame_padded((size_t)size);
    }
    free(buffer);
    return e;
}
