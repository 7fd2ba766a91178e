/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "resource.h"

static void add(struct rm_resources *r, const char *path, uint64_t device, uint64_t inode, uint32_t flags)
{
    struct rm_identity id = {.device = device, .inode = inode, .flags = flags};
    struct rm_resources_need need = {
        .files = 1, .odd = rm_identity_is_odd(&id), .text = (uint32_t)strlen(path) + 1, .devices = 1};

    CHECK_EQUAL(rm_resources_reserve(r, &need), 0);
    rm_resources_add_file(r, path, &id);
}

static unsigned chain_length(const struct rm_resources *r, uint64_t inode)
{
    unsigned n = 0;

    for (uint32_t i = rm_resources_find(r, inode); i != RM_NO_FILE; i = rm_resources_next(r, i))
        n++;
    return n;
}

static void test_files_are_found_by_inode(void)
{
    struct rm_resources *r;

    CHECK_EQUAL(rm_resources_new(&r), 0);
    CHECK_EQUAL(rm_resources_find(r, 1), RM_NO_FILE);
    add(r, "/a", 1, 100, RM_ID_BTIME);
    add(r, "/hard-link-of-a", 1, 100, RM_ID_BTIME);
    add(r, "/same-number-elsewhere", 2, 100, RM_ID_BTIME);
    CHECK_EQUAL(chain_length(r, 100), 3);
    CHECK_EQUAL(chain_length(r, 101), 0);
    rm_resources_free(r);
}

static void test_many_files_survive_growth(void)
{
    struct rm_resources *r;

    CHECK_EQUAL(rm_resources_new(&r), 0);
    for (unsigned i = 0; i < 20000; i++) {
        char path[32];

        snprintf(path, sizeof path, "/file-%u", i);
        add(r, path, 1, (uint64_t)i * 4096, RM_ID_BTIME); /* numbers that share their low bits */
    }
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t index = rm_resources_find(r, (uint64_t)i * 4096);
        char path[32];

        snprintf(path, sizeof path, "/file-%u", i);
        CHECK(index != RM_NO_FILE && !strcmp(rm_resources_path(r, index), path));
    }
    CHECK_EQUAL(rm_resources_find(r, 4095), RM_NO_FILE);
    rm_resources_free(r);
}

static void test_a_name_given_twice_is_kept_once(void)
{
    struct rm_resources *r;

    CHECK_EQUAL(rm_resources_new(&r), 0);
    for (int i = 0; i < 1000; i++)
        add(r, "/a", 1, 100, RM_ID_BTIME);
    CHECK_EQUAL(rm_resources_file_count(r), 1);
    rm_resources_free(r);
}

static void test_odd_files_are_apart_until_settled(void)
{
    struct rm_identity file = {.device = 1, .inode = 7, .flags = RM_ID_BTIME};
    struct rm_identity directory = {.device = 1, .inode = 8, .flags = RM_ID_DIRECTORY};
    struct rm_resources *r;

    CHECK_EQUAL(rm_resources_new(&r), 0);
    add(r, "/missing", 0, 0, RM_ID_MISSING);
    add(r, "/here", 1, 5, RM_ID_BTIME);
    add(r, "/denied", 0, 0, RM_ID_DENIED);
    CHECK_EQUAL(rm_resources_odd_count(r), 2);
    CHECK_EQUAL(rm_resources_find(r, 0), RM_NO_FILE);

    CHECK_EQUAL(rm_resources_settle(r, 1, &directory), 0);
    CHECK_EQUAL(rm_resources_odd_count(r), 2);
    CHECK_EQUAL(rm_resources_find(r, 8), RM_NO_FILE);

    CHECK_EQUAL(rm_resources_settle(r, 0, &file), 0);
    CHECK_EQUAL(rm_resources_odd_count(r), 1);
    CHECK(!strcmp(rm_resources_path(r, rm_resources_find(r, 7)), "/missing"));
    CHECK(!strcmp(rm_resources_path(r, rm_resources_odd(r, 0)), "/denied"));
    rm_resources_free(r);
}

static void test_a_merge_brings_everything(void)
{
    struct rm_resources *a, *b;
    struct rm_resources_need need = {.processes = 1, .services = 1, .text = 16};
    RM_UNIQUE_PROCESS process = {.dwProcessId = 7};
    struct rm_identity id;

    CHECK_EQUAL(rm_resources_new(&a), 0);
    CHECK_EQUAL(rm_resources_new(&b), 0);
    CHECK(rm_resources_is_empty(b));
    add(a, "/one", 5, 100, RM_ID_BTIME);
    add(b, "/one", 5, 100, RM_ID_BTIME);
    add(b, "/two", 6, 100, RM_ID_BTIME | RM_ID_ODD_DEVICE);
    add(b, "/gone", 0, 0, RM_ID_MISSING);
    CHECK_EQUAL(rm_resources_reserve(b, &need), 0);
    rm_resources_add_process(b, &process);
    rm_resources_add_service(b, "a.service");
    rm_resources_trim(b);
    CHECK_EQUAL(rm_resources_merge(a, b), 0);
    rm_resources_free(b);
    CHECK_EQUAL(rm_resources_file_count(a), 3);
    CHECK_EQUAL(chain_length(a, 100), 2);
    id = rm_resources_identity(a, 1);
    CHECK(id.device == 6 && id.inode == 100 && id.flags == (RM_ID_BTIME | RM_ID_ODD_DEVICE));
    CHECK(!strcmp(rm_resources_path(a, rm_resources_odd(a, 0)), "/gone"));
    CHECK_EQUAL(rm_resources_process(a, 0)->dwProcessId, 7);
    CHECK(!strcmp(rm_resources_service(a, 0), "a.service"));
    add(a, "/three", 7, 200, RM_ID_BTIME);
    CHECK_EQUAL(rm_resources_identity(a, 3).device, 7);
    rm_resources_free(a);
}

static void test_identity_needs_the_birth_time_too(void)
{
    struct rm_identity a = {.device = 1, .inode = 2, .btime = 3000000004, .flags = RM_ID_BTIME}, b = a;

    CHECK(rm_identity_equal(&a, &b));
    b.btime++;
    CHECK(!rm_identity_equal(&a, &b));
    b.flags = 0; /* a file system without birth times */
    CHECK(rm_identity_equal(&a, &b));
    b.device++;
    CHECK(!rm_identity_equal(&a, &b));
}

int main(void)
{
    RUN(test_files_are_found_by_inode);
    RUN(test_many_files_survive_growth);
    RUN(test_a_name_given_twice_is_kept_once);
    RUN(test_odd_files_are_apart_until_settled);
    RUN(test_a_merge_brings_everything);
    RUN(test_identity_needs_the_birth_time_too);
    return 0;
}
