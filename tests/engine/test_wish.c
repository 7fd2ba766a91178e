/* SPDX-License-Identifier: MIT */
#include "wish.h"

#include "check.h"

#include <stdint.h>

static const uint32_t groups[] = {4, 27, 4000000000u};
static const char *const arguments[] = {"/usr/bin/x", "", "a b", "\xff\x80%$", NULL};
static const char *const environment[] = {"A=", "B==x\n", NULL};

static const struct rm_wish full = {
    .flags = 4, .uid = 1000, .gid = 1001, .group_count = 3, .groups = groups, .exe = "/usr/bin/x", .directory = "/",
    .argument_count = 4, .arguments = arguments, .environment_count = 2, .environment = environment,
};

static void pack(const struct rm_wish *wish, void **ret, size_t *ret_size)
{
    CHECK_EQUAL(rm_wish_pack(wish, ret, ret_size), 0);
}

static void expect_texts(const char *const *texts, const char *const *expected, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK(!strcmp(texts[i], expected[i]));
    CHECK(!texts[count]);
}

static void test_all_comes_back(void)
{
    struct rm_wish *wish;
    void *data;
    size_t size;
    pack(&full, &data, &size);
    CHECK_EQUAL(rm_wish_parse(data, size, &wish), 0);
    free(data);
    CHECK(wish->flags == 4 && wish->uid == 1000 && wish->gid == 1001 && wish->group_count == 3);
    CHECK(!memcmp(wish->groups, groups, sizeof(groups)));
    CHECK(!strcmp(wish->exe, "/usr/bin/x") && !strcmp(wish->directory, "/"));
    CHECK(wish->argument_count == 4 && wish->environment_count == 2);
    expect_texts(wish->arguments, arguments, 4);
    expect_texts(wish->environment, environment, 2);
    free(wish);
}

static void test_what_cannot_be_a_wish_is_not_packed(void)
{
    static char path[RM_WISH_PATH_MAX + 1], text[RM_WISH_TEXT_MAX];
    const char *const much[] = {"x", text};
    struct rm_wish wrong = full;
    void *data;
    size_t size;
    wrong.exe = "x";
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
    memset(path, '/', RM_WISH_PATH_MAX);
    wrong.exe = path;
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
    wrong = full, wrong.directory = "";
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
    wrong = full, wrong.argument_count = 0;
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
    wrong = full, wrong.group_count = RM_WISH_GROUPS_MAX + 1;
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
    memset(text, 'x', sizeof(text) - 1);
    wrong = full, wrong.argument_count = 2, wrong.arguments = much;
    CHECK_EQUAL(rm_wish_pack(&wrong, &data, &size), -EINVAL);
}

/* Whoever looks at one byte too many is caught by the sanitizers: each copy has exactly its size. */
static int parse_copy(const void *data, size_t size)
{
    struct rm_wish *wish;
    void *copy = malloc(size ? size : 1);
    CHECK(copy);
    memcpy(copy, data, size);
    int r = rm_wish_parse(copy, size, &wish);
    free(copy);
    if (r == 0)
        free(wish);
    return r;
}

static void test_a_cut_or_longer_one_is_refused(void)
{
    void *data;
    size_t size;
    pack(&full, &data, &size);
    for (size_t n = 0; n < size; n++)
        CHECK_EQUAL(parse_copy(data, n), -EBADMSG);
    data = realloc(data, size + 1);
    CHECK(data);
    CHECK_EQUAL(parse_copy(data, size), 0);
    ((char *)data)[size] = 0;
    CHECK_EQUAL(parse_copy(data, size + 1), -EBADMSG);
    free(data);
}

static void test_numbers_that_promise_too_much_are_refused(void)
{
    void *data;
    size_t size;
    pack(&full, &data, &size);
    /* groups, arguments, environment, bytes of text: each at its place in the header. */
    for (size_t at = 20; at < 36; at += 4) {
        uint32_t before, wrong[] = {0, 1, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
        memcpy(&before, (char *)data + at, 4);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
            memcpy((char *)data + at, &wrong[i], 4);
            CHECK_EQUAL(parse_copy(data, size), -EBADMSG);
        }
        memcpy((char *)data + at, &before, 4);
    }
    CHECK_EQUAL(parse_copy(data, size), 0);
    free(data);
}

/* One byte of it is another: it is refused, or all that it points to is its own. */
static void test_any_byte_may_be_wrong(void)
{
    void *data;
    size_t size;
    pack(&full, &data, &size);
    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            ((uint8_t *)data)[at] ^= (uint8_t)(1 << bit);
            int r = parse_copy(data, size);
            CHECK(r == 0 || r == -EBADMSG);
            ((uint8_t *)data)[at] ^= (uint8_t)(1 << bit);
        }
    free(data);
}

int main(void)
{
    RUN(test_all_comes_back);
    RUN(test_what_cannot_be_a_wish_is_not_packed);
    RUN(test_a_cut_or_longer_one_is_refused);
    RUN(test_numbers_that_promise_too_much_are_refused);
    RUN(test_any_byte_may_be_wrong);
    return 0;
}
