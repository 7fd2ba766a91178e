/* SPDX-License-Identifier: MIT
 *
 * A secondary's log: what is torn is never taken for a record, and never hides
 * one.
 */
#include "own_store.h"

#include "frame.h"
#include "log.h"
#include "store.h"

#include <stdbool.h>

struct records {
    unsigned count;
    char last[64];
};

static HANDLE log_file;

static int note(void *context, const void *data, size_t size)
{
    struct records *records = context;

    CHECK(size < sizeof records->last);
    memcpy(records->last, data, size);
    records->last[size] = 0;
    records->count++;
    return 0;
}

static struct records read_from(uint64_t *offset)
{
    struct records records = {0};

    CHECK_EQUAL(rm_log_read(log_file, offset, note, &records), 0);
    return records;
}

static struct records read_all(void)
{
    uint64_t offset = 0;

    return read_from(&offset);
}

static int append(uint64_t *good, const char *text)
{
    return rm_log_append(log_file, good, text, strlen(text));
}

static uint64_t size_of_log(void)
{
    LARGE_INTEGER size;

    CHECK(GetFileSizeEx(log_file, &size));
    return (uint64_t)size.QuadPart;
}

static void cut_log(uint64_t size)
{
    LARGE_INTEGER at = {.QuadPart = (LONGLONG)size};

    CHECK(SetFilePointerEx(log_file, at, NULL, FILE_BEGIN));
    CHECK(SetEndOfFile(log_file));
}

static void new_log(void)
{
    if (log_file)
        CloseHandle(log_file);
    CHECK_EQUAL(rm_store_open_file(own_store, "log", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, &log_file), 0);
}

static void test_each_record_is_read_once(void)
{
    uint64_t good = 0, offset = 0;

    new_log();
    CHECK_EQUAL(read_from(&offset).count, 0);
    CHECK_EQUAL(append(&good, "one"), 0);
    CHECK_EQUAL(append(&good, ""), 0);
    CHECK_EQUAL(append(&good, "three, of more than eight bytes"), 0);
    CHECK_EQUAL(good, size_of_log());
    CHECK_EQUAL(read_from(&offset).count, 3);
    CHECK_EQUAL(offset, good);
    CHECK_EQUAL(read_from(&offset).count, 0);
    CHECK_EQUAL(append(&good, "four"), 0);
    CHECK(!strcmp(read_from(&offset).last, "four"));
}

/* Cut at every place: what was whole before stays, what is not is not there. */
static void test_a_torn_record_is_none(void)
{
    uint64_t good = 0, first, end;

    new_log();
    CHECK_EQUAL(append(&good, "first"), 0);
    first = good;
    CHECK_EQUAL(append(&good, "second"), 0);
    end = good;
    for (uint64_t size = end - 1; size >= first; size--) {
        cut_log(size);
        CHECK_EQUAL(read_all().count, 1);
        CHECK(!strcmp(read_all().last, "first"));
    }
    /* Whoever appends cuts the remains off. */
    cut_log(first);
    good = first;
    CHECK_EQUAL(append(&good, "second"), 0);
    cut_log(end - 1);
    good = first;
    CHECK_EQUAL(append(&good, "third"), 0);
    CHECK_EQUAL(read_all().count, 2);
    CHECK(!strcmp(read_all().last, "third"));
}

static void test_a_changed_record_is_none(void)
{
    uint64_t good = 0;

    new_log();
    CHECK_EQUAL(append(&good, "first"), 0);
    for (uint64_t at = 0; at < sizeof(struct rm_frame) + 5; at++) {
        uint8_t byte, other;

        CHECK_EQUAL(rm_store_read(log_file, &byte, 1, at), 0);
        other = byte ^ 0x40;
        CHECK_EQUAL(rm_store_write(log_file, &other, 1, at), 0);
        CHECK_EQUAL(read_all().count, 0);
        CHECK_EQUAL(rm_store_write(log_file, &byte, 1, at), 0);
    }
    CHECK_EQUAL(read_all().count, 1);
}

static void test_a_log_that_was_cut_takes_nothing_more(void)
{
    uint64_t good = 0;

    new_log();
    CHECK_EQUAL(append(&good, "first"), 0);
    cut_log(good - 8);
    CHECK_EQUAL(append(&good, "second"), -EIO);
    CHECK_EQUAL(read_all().count, 0);
}

static void test_a_record_has_a_limit(void)
{
    uint64_t good = 0;

    new_log();
    CHECK_EQUAL(rm_log_append(log_file, &good, "", (size_t)RM_FRAME_MAX + 1), -EFBIG);
    CHECK_EQUAL(size_of_log(), 0);
}

int main(void)
{
    store_renew();
    RUN(test_each_record_is_read_once);
    RUN(test_a_torn_record_is_none);
    RUN(test_a_changed_record_is_none);
    RUN(test_a_log_that_was_cut_takes_nothing_more);
    RUN(test_a_record_has_a_limit);
    CloseHandle(log_file);
    store_done();
    return 0;
}
