/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "key.h"
#include "sha256.h"

static void digest_is(const char *message, const char *hex)
{
    uint8_t digest[32];
    char text[65];

    rm_sha256((const uint8_t *)message, strlen(message), digest);
    for (int i = 0; i < 32; i++)
        sprintf(text + 2 * i, "%02x", digest[i]);
    CHECK(!strcmp(text, hex));
}

/* The examples that the National Institute of Standards publishes for FIPS 180-4, and the edges of padding. */
static void test_sha256(void)
{
    char many[200];

    digest_is("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_is("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    digest_is("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstn"
              "opqrstu",
              "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    memset(many, 'a', sizeof many);
    many[55] = 0;
    digest_is(many, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    many[55] = 'a', many[64] = 0;
    digest_is(many, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

static void test_keys_are_32_lower_case_digits_and_differ(void)
{
    WCHAR a[33], b[33];
    uint8_t hash_a[32], hash_b[32], again[32];

    memset(a, 0xFF, sizeof a);
    CHECK_EQUAL(rm_key_make(a, hash_a), 0);
    CHECK_EQUAL(rm_key_make(b, hash_b), 0);
    for (int i = 0; i < 32; i++)
        CHECK((a[i] >= '0' && a[i] <= '9') || (a[i] >= 'a' && a[i] <= 'f'));
    CHECK_EQUAL(a[32], 0);
    CHECK(memcmp(a, b, sizeof a));
    CHECK(memcmp(hash_a, hash_b, 32));
    CHECK_EQUAL(rm_key_hash(a, again), 0);
    CHECK(!memcmp(hash_a, again, 32));
}

static void test_either_case_is_read(void) /* ours */
{
    uint8_t lower[32], upper[32];

    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef0123456789abcdef", lower), 0);
    CHECK_EQUAL(rm_key_hash(u"0123456789ABCDEF0123456789ABCDEF", upper), 0);
    CHECK(!memcmp(lower, upper, 32));
}

static void test_malformed_keys_are_refused(void)
{
    uint8_t hash[32];

    CHECK_EQUAL(rm_key_hash(u"", hash), -EINVAL);
    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef0123456789abcde", hash), -EINVAL);
    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef0123456789abcdef0", hash), -EINVAL);
    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef0123456789abcdeg", hash), -EINVAL);
    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef 123456789abcdef", hash), -EINVAL);
    CHECK_EQUAL(rm_key_hash(u"0123456789abcdef\u0661123456789abcdef", hash), -EINVAL);
}

int main(void)
{
    RUN(test_sha256);
    RUN(test_keys_are_32_lower_case_digits_and_differ);
    RUN(test_either_case_is_read);
    RUN(test_malformed_keys_are_refused);
    return 0;
}
