/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORD_MAX (64u << 20)

struct frame {
    uint64_t checksum; /* of size and data, by offset */
    uint32_t size;     /* of the data; the data is padded to 8 */
    uint32_t size_inverted;
};

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* Eight bytes a step; it tells torn from whole, it does not keep out forgers, who would be the user himself. */
uint64_t rm_log_checksum(const void *data, size_t size, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t h = seed * 0x9E3779B97F4A7C15u + size + 1;

    while (size) {
        uint64_t word = 0;
        size_t n = size < 8 ? size : 8;

        memcpy(&word, p, n);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        p += n;
        size -= n;
    }
    return h;
}

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
    struct frame frame = {.size = (uint32_t)size, .size_inverted = ~(uint32_t)size};
    struct iovec parts[3] = {{.iov_base = &frame, .iov_len = sizeof frame},
                             {.iov_base = (void *)(uintptr_t)data, .iov_len = size},
                             {.iov_base = (void *)(uintptr_t)zeros, .iov_len = padded(size) - size}};
    struct stat st;
    int e;

    if (size > RECORD_MAX)
        return -EFBIG;
    if (fstat(fd, &st) < 0)
        return -errno;
    if ((uint64_t)st.st_size < log->good)
        return -EIO;
    if ((uint64_t)st.st_size > log->good && ftruncate(fd, (off_t)log->good) < 0)
        return -errno;
    frame.checksum = rm_log_checksum(data, size, log->good);
    e = write_all(fd, parts, 3, log->good);
    if (e < 0) {
        (void)!ftruncate(fd, (off_t)log->good); /* else the next append does it */
        return e;
    }
    log->good += sizeof frame + padded(size);
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
    struct frame frame;
    int e;

    if (offset + sizeof frame > end)
        return -ENODATA;
    e = read_all(fd, &frame, sizeof frame, offset);
    if (e < 0)
        return e;
    if (frame.size != ~frame.size_inverted || frame.size > RECORD_MAX ||
        offset + sizeof frame + padded(frame.size) > end)
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
    if (rm_log_checksum(*buffer, frame.size, offset) != frame.checksum)
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
        *offset += sizeof(struct frame) + padded((size_t)size);
    }
    free(buffer);
    return e;
}
