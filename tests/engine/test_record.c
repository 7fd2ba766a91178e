/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "record.h"

static const struct rm_identity id = {.device = 1, .inode = 2, .btime = 3000000004, .flags = RM_ID_BTIME};

static void make(struct rm_record *record)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 42, .ProcessStartTime = {1, 2}};

    CHECK_EQUAL(rm_record_begin(record), 0);
    CHECK(rm_record_is_empty(record));
    CHECK_EQUAL(rm_record_add_file(record, "/a", &id), 0);
    CHECK_EQUAL(rm_record_add_file(record, "/1234567", &id), 0);
    CHECK_EQUAL(rm_record_add_process(record, &process), 0);
    CHECK_EQUAL(rm_record_add_service(record, "nginx.service"), 0);
    CHECK(!rm_record_is_empty(record));
}

static struct rm_resources *resources(void)
{
    struct rm_resources *r;

    CHECK_EQUAL(rm_resources_new(&r), 0);
    return r;
}

static void test_what_goes_in_comes_out(void)
{
    struct rm_resources *r = resources();
    struct rm_record record = {0};
    struct rm_identity read;

    make(&record);
    CHECK_EQUAL(rm_record_apply(record.data, record.size, r), 0);
    CHECK_EQUAL(rm_resources_file_count(r), 2);
    read = rm_resources_identity(r, 0);
    CHECK(!strcmp(rm_resources_path(r, 1), "/1234567"));
    CHECK(rm_identity_equal(&read, &id));
    CHECK_EQUAL(rm_resources_process_count(r), 1);
    CHECK_EQUAL(rm_resources_process(r, 0)->dwProcessId, 42);
    CHECK_EQUAL(rm_resources_process(r, 0)->ProcessStartTime.dwHighDateTime, 2);
    CHECK_EQUAL(rm_resources_service_count(r), 1);
    CHECK(!strcmp(rm_resources_service(r, 0), "nginx.service"));
    rm_resources_free(r);
    rm_record_done(&record);
}

/* Cut anywhere, lengthened, or with any byte changed: refused or valid, never half registered, never read past its
 * end (the copy is of exactly that size, so that the sanitizer sees it). */
static void test_damaged_batches_register_nothing(void)
{
    struct rm_record record = {0};
    unsigned refused = 0;

    make(&record);
    for (size_t size = 0; size < record.size; size++) {
        struct rm_resources *r = resources();
        uint8_t *copy = malloc(size + 1);

        memcpy(copy, record.data, size);
        copy = realloc(copy, size ? size : 1);
        CHECK_EQUAL(rm_record_apply(copy, size, r), -EBADMSG);
        CHECK_EQUAL(rm_resources_file_count(r), 0);
        free(copy);
        rm_resources_free(r);
    }
    for (size_t at = 0; at < record.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct rm_resources *r = resources();
            uint8_t *copy = malloc(record.size);
            int e;

            memcpy(copy, record.data, record.size);
            copy[at] ^= (uint8_t)(1 << bit);
            e = rm_record_apply(copy, record.size, r);
            CHECK(e == 0 || e == -EBADMSG || e == -ENOMEM || e == -E2BIG);
            CHECK_EQUAL(rm_resources_service_count(r), e == 0);
            refused += e != 0;
            free(copy);
            rm_resources_free(r);
        }
    CHECK(refused > 100);
    rm_record_done(&record);
}

int main(void)
{
    RUN(test_what_goes_in_comes_out);
    RUN(test_damaged_batches_register_nothing);
    return 0;
}
