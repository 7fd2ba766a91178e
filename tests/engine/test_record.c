/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "record.h"

static const struct rm_identity id = {.device = 1, .inode = 2, .btime = 3000000004, .flags = RM_ID_BTIME};

static const struct rm_identity other = {.device = UINT64_MAX, .inode = 1, .btime = 2, .flags = RM_ID_LOCAL};

static void make(struct rm_record *record)
{
    RM_UNIQUE_PROCESS process = {.dwProcessId = 42, .ProcessStartTime = {1, 2}};

    CHECK_EQUAL(rm_record_begin(record), 0);
    CHECK(rm_record_is_empty(record));
    CHECK_EQUAL(rm_record_add_file(record, "/a", &id), 0);
    CHECK_EQUAL(rm_record_add_file(record, "/1234567", &other), 0);
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
    CHECK(rm_identity_equal(&read, &id));
    read = rm_resources_identity(r, 1);
    CHECK_EQUAL(read.device, other.device);
    CHECK_EQUAL(read.inode, other.inode);
    CHECK(!strcmp(rm_resources_path(r, 0), "/a"));
    CHECK(!strcmp(rm_resources_path(r, 1), "/1234567"));
    CHECK_EQUAL(rm_resources_process_count(r), 1);
    CHECK_EQUAL(rm_resources_process(r, 0)->dwProcessId, 42);
    CHECK_EQUAL(rm_resources_process(r, 0)->ProcessStartTime.dwHighDateTime, 2);
    CHECK_EQUAL(rm_resources_service_count(r), 1);
    CHECK(!strcmp(rm_resources_service(r, 0), "nginx.service"));
    rm_resources_free(r);
    rm_record_done(&record);
}

static struct rm_identity numbered(uint64_t n)
{
    /* Every length of a number, steps forth and back, and over the end. */
    return (struct rm_identity){
        .device = n % 3, .inode = n * 0x9E3779B97F4A7C15u >> n % 64, .btime = ~n << n % 64, .flags = RM_ID_BTIME};
}

/* Names that share all, nothing, or a part with the one before; the longest one; one that is the start of the next. */
static const char *name_of(unsigned n, char name[RM_RECORD_NAME])
{
    switch (n % 4) {
    case 0:
        memset(name, 'l', RM_RECORD_NAME - 1);
        name[RM_RECORD_NAME - 1] = 0;
        break;
    case 1:
        snprintf(name, RM_RECORD_NAME, "/%u", n);
        break;
    case 2:
        snprintf(name, RM_RECORD_NAME, "/%u%u", n - 1, n);
        break;
    default:
        snprintf(name, RM_RECORD_NAME, "%u", n);
    }
    return name;
}

static void test_every_difference_to_the_file_before(void)
{
    static char names[2][RM_RECORD_NAME];
    struct rm_resources *r = resources();
    struct rm_record record = {0};

    CHECK_EQUAL(rm_record_begin(&record), 0);
    for (unsigned n = 0; n < 500; n++) {
        struct rm_identity made = numbered(n);

        CHECK_EQUAL(rm_record_add_file(&record, name_of(n, names[n % 2]), &made), 0);
    }
    CHECK_EQUAL(rm_record_apply(record.data, record.size, r), 0);
    CHECK_EQUAL(rm_resources_file_count(r), 500);
    for (unsigned n = 0; n < 500; n++) {
        struct rm_identity made = numbered(n), read = rm_resources_identity(r, n);

        CHECK(!memcmp(&made, &read, sizeof made));
        CHECK(!strcmp(rm_resources_path(r, n), name_of(n, names[0])));
    }
    rm_resources_free(r);
    rm_record_done(&record);
}

static void test_a_name_too_long_leaves_the_batch_as_it_was(void)
{
    static char name[RM_RECORD_NAME + 1];
    struct rm_record record = {0};
    size_t size;

    make(&record);
    size = record.size;
    memset(name, 'l', RM_RECORD_NAME);
    CHECK_EQUAL(rm_record_add_file(&record, name, &id), -ENAMETOOLONG);
    CHECK_EQUAL(rm_record_add_service(&record, name), -ENAMETOOLONG);
    CHECK_EQUAL(record.size, size);
    rm_record_done(&record);
}

/* What a store has room for: a list as it comes from a package, one file after the other. */
static void test_a_list_of_files_takes_little(void)
{
    static char names[2][64];
    struct rm_record record = {0};

    CHECK_EQUAL(rm_record_begin(&record), 0);
    for (unsigned n = 0; n < 10000; n++) {
        struct rm_identity made = {.device = 1, .inode = 4000000 + n, .btime = 1700000000000000000u + n * 50000u,
                                   .flags = RM_ID_BTIME | RM_ID_LOCAL};

        snprintf(names[n % 2], sizeof names[0], "/usr/share/a-package/a-folder/%05u/%07u.data", n / 200, n);
        CHECK_EQUAL(rm_record_add_file(&record, names[n % 2], &made), 0);
    }
    CHECK(record.size < 10000 * 25);
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
    RUN(test_every_difference_to_the_file_before);
    RUN(test_a_name_too_long_leaves_the_batch_as_it_was);
    RUN(test_a_list_of_files_takes_little);
    RUN(test_damaged_batches_register_nothing);
    return 0;
}
