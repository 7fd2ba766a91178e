/* SPDX-License-Identifier: MIT
 *
 * A secondary's log.  The first byte says which half of the promise is tried:
 *
 *     0  the rest is a file, read as it is
 *     1  the rest is records that are really appended, each after its length,
 *        and then one byte of the file is changed and its end cut off: what
 *        is read must be the first of the records, unchanged
 */
#include "log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct expected {
    const uint8_t *next; /* the next record, after its length; NULL: anything */
    const uint8_t *end;
};

static volatile uint8_t sum;

static int take(void *context, const void *data, size_t size)
{
    struct expected *expected = context;

    for (size_t i = 0; i < size; i++) /* all of it can be read */
        sum = (uint8_t)(sum + ((const uint8_t *)data)[i]);
    if (!expected->next)
        return 0;
    if (expected->next == expected->end || *expected->next != size || memcmp(expected->next + 1, data, size) != 0)
        abort();
    expected->next += 1 + size;
    return 0;
}

static void read_all(int fd, uint64_t size, struct expected *expected)
{
    uint64_t offset = 0, again;

    if (rm_log_read(fd, &offset, take, expected) < 0 || offset > size)
        abort();
    again = offset;
    if (rm_log_read(fd, &again, take, expected) < 0 || again != offset) /* nothing is read twice */
        abort();
}

static void append_records(int fd, const uint8_t *data, size_t size)
{
    struct rm_log log = {0};
    struct expected expected = {.next = data};
    uint64_t at, end;
    uint8_t change[3] = {0}, byte;

    /* The last three bytes: where, what, and how much is cut off. */
    if (size < sizeof change)
        return;
    size -= sizeof change;
    memcpy(change, data + size, sizeof change);
    while (size && (size_t)*data + 1 <= size) {
        size_t length = *data;

        if (rm_log_append(fd, &log, data + 1, length) < 0)
            abort();
        data += 1 + length;
        size -= 1 + length;
    }
    expected.end = data;
    if (!log.good)
        return;
    at = change[0] * log.good / 256;
    if (pread(fd, &byte, 1, (off_t)at) != 1)
        abort();
    byte ^= change[1];
    end = log.good > change[2] ? log.good - change[2] : 0;
    if (pwrite(fd, &byte, 1, (off_t)at) != 1 || ftruncate(fd, (off_t)end) < 0)
        abort();
    read_all(fd, end, &expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct expected anything = {0};
    int fd;

    if (!size)
        return 0;
    fd = memfd_create("log", MFD_CLOEXEC);
    if (fd < 0)
        abort();
    if (*data & 1) {
        append_records(fd, data + 1, size - 1);
    } else {
        if (write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
            abort();
        read_all(fd, size - 1, &anything);
    }
    close(fd);
    return 0;
}
