/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "log.h"
#include "sandbox.h"

#include <fcntl.h>
#include <stdbool.h>

static int seen[4096];
static int count;

static int remember(void *context, const void *data, size_t size)
{
    (void)context;
    CHECK(size >= sizeof(int));
    memcpy(&seen[count++], data, sizeof(int));
    return 0;
}

static int refuse(void *context, const void *data, size_t size)
{
    (void)context, (void)data, (void)size;
    return -ENOMEM;
}

static void read_all(int fd, uint64_t *offset)
{
    count = 0;
    CHECK_EQUAL(rm_log_read(fd, offset, remember, NULL), 0);
}

static int new_log(void)
{
    int fd = open("/run/log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    return fd;
}

static void append(int fd, struct rm_log *log, int n)
{
    CHECK_EQUAL(rm_log_append(fd, log, &n, sizeof n), 0);
}

static void test_records_come_back_in_order_and_once(void)
{
    struct rm_log log = {0};
    uint64_t offset = 0;
    int fd = new_log();

    for (int i = 0; i < 100; i++)
        append(fd, &log, i);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 100);
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(seen[i], i);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 0);
    append(fd, &log, 100);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(seen[0], 100);
    close(fd);
}

static void test_a_record_that_is_refused_comes_again(void)
{
    struct rm_log log = {0};
    uint64_t offset = 0;
    int fd = new_log();

    append(fd, &log, 1);
    CHECK_EQUAL(rm_log_read(fd, &offset, refuse, NULL), -ENOMEM);
    CHECK_EQUAL(offset, 0);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 1);
    close(fd);
}

/* A kill can stop a write after any byte. */
static void test_a_torn_record_is_not_read_and_hides_none(void)
{
    struct rm_log log = {0};
    uint64_t whole, torn_end;
    int fd = new_log();

    append(fd, &log, 1);
    whole = log.good;
    append(fd, &log, 2);
    torn_end = log.good;

    for (uint64_t end = whole; end < torn_end; end++) {
        struct rm_log writer = {.good = whole};
        uint64_t offset = 0;

        CHECK(ftruncate(fd, (off_t)end) == 0);
        read_all(fd, &offset);
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(offset, whole);

        append(fd, &writer, 3);
        read_all(fd, &offset);
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(seen[0], 3);
    }
    close(fd);
}

/* What lies behind a record may once have been one, at another place. */
static void test_a_record_in_the_wrong_place_is_not_one(void)
{
    struct rm_log log = {0};
    uint64_t offset = 0, size;
    char copy[256];
    int fd = new_log();

    append(fd, &log, 1);
    size = log.good;
    CHECK(pread(fd, copy, size, 0) == (ssize_t)size);
    CHECK(pwrite(fd, copy, size, (off_t)size) == (ssize_t)size);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 1);
    close(fd);
}

static void test_any_changed_byte_is_noticed(void)
{
    struct rm_log log = {0};
    char whole[256];
    int fd = new_log();

    append(fd, &log, 1);
    CHECK(pread(fd, whole, log.good, 0) == (ssize_t)log.good);
    for (uint64_t at = 0; at < log.good - 4; at++) { /* the last four are padding */
        char changed = (char)(whole[at] ^ 0x20);
        uint64_t offset = 0;

        CHECK(pwrite(fd, &changed, 1, (off_t)at) == 1);
        read_all(fd, &offset);
        CHECK_EQUAL(count, 0);
        CHECK(pwrite(fd, whole + at, 1, (off_t)at) == 1);
    }
    close(fd);
}

/* The sandbox's /run holds 64 KiB. */
static void test_a_full_disk_takes_nothing_and_loses_nothing(void)
{
    static char large[48 << 10];
    struct rm_log log = {0};
    uint64_t offset = 0;
    int fd = new_log(), filler;

    append(fd, &log, 1);
    CHECK_EQUAL(rm_log_append(fd, &log, large, sizeof large), 0);
    CHECK_EQUAL(rm_log_append(fd, &log, large, sizeof large), -ENOSPC);
    CHECK_EQUAL(lseek(fd, 0, SEEK_END), log.good);
    append(fd, &log, 2); /* there is room for a small one */
    read_all(fd, &offset);
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(seen[2], 2);

    filler = open("/run/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(filler, large, 4096) > 0)
        ;
    CHECK_EQUAL(errno, ENOSPC);
    close(filler);
    CHECK(unlink("/run/filler") == 0);
    append(fd, &log, 3);
    read_all(fd, &offset);
    CHECK_EQUAL(count, 1);
    close(fd);
}

int main(void)
{
    sandbox_enter("size=64k");
    RUN(test_records_come_back_in_order_and_once);
    RUN(test_a_record_that_is_refused_comes_again);
    RUN(test_a_torn_record_is_not_read_and_hides_none);
    RUN(test_a_record_in_the_wrong_place_is_not_one);
    RUN(test_any_changed_byte_is_noticed);
    RUN(test_a_full_disk_takes_nothing_and_loses_nothing);
    return 0;
}
