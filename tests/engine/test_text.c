/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "text.h"

#include <stdbool.h>

static void round_trip(const char *bytes)
{
    WCHAR wide[64];
    char back[64];
    size_t units = rm_text_from_bytes(bytes, wide, 63);
    long size;

    CHECK(wide[units] == 0);
    size = rm_text_to_bytes(wide, back, sizeof back);
    CHECK_EQUAL(size, strlen(bytes));
    CHECK(!memcmp(back, bytes, (size_t)size));
}

static void test_round_trips(void)
{
    round_trip("");
    round_trip("/usr/lib/libssl.so.3");
    round_trip("/tmp/\xc3\xa9t\xc3\xa9");         /* two bytes a character */
    round_trip("/tmp/\xe2\x82\xac \xef\xbf\xbf"); /* three */
    round_trip("/tmp/\xf0\x9f\x90\x8d");          /* four: a surrogate pair */
    round_trip("/tmp/\xff\xfe\x80");              /* not UTF-8 at all */
    round_trip("/tmp/\xc0\xaf");                  /* overlong */
    round_trip("/tmp/\xed\xa0\x80");              /* a surrogate, which UTF-8 does not have */
    round_trip("/tmp/\xf4\x90\x80\x80");          /* past the last character */
    round_trip("/tmp/\xe2\x82");                  /* cut short at the end */
    round_trip("/tmp/\xf0\x9f\x90/x");            /* cut short in the middle */
}

/* Any two bytes: what is not UTF-8 is escaped, and nothing is lost or merged. */
static void test_every_pair_of_bytes(void)
{
    for (int a = 1; a < 256; a++)
        for (int b = 1; b < 256; b++)
            round_trip((char[]){(char)a, (char)b, 0});
}

static void test_escapes_are_those_of_pep_383(void)
{
    WCHAR wide[8];

    CHECK_EQUAL(rm_text_from_bytes("a\xff", wide, 7), 2);
    CHECK_EQUAL(wide[1], 0xDCFF);
    CHECK_EQUAL(rm_text_from_bytes("\xf0\x9f\x90\x8d", wide, 7), 2);
    CHECK_EQUAL(wide[0], 0xD83D);
    CHECK_EQUAL(wide[1], 0xDC0D);
}

static void test_unpaired_surrogates_are_refused(void)
{
    char to[64];

    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){'a', 0xD800, 0}, to, sizeof to), -EILSEQ);
    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){0xD800, 'a', 0}, to, sizeof to), -EILSEQ);
    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){0xD800, 0xD800, 0}, to, sizeof to), -EILSEQ);
    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){0xDC7F, 0}, to, sizeof to), -EILSEQ);
    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){0xDD00, 0}, to, sizeof to), -EILSEQ);
    CHECK_EQUAL(rm_text_to_bytes((WCHAR[]){0xDC80, 0}, to, sizeof to), 1);
}

static void test_limits(void)
{
    WCHAR wide[8];
    char to[8];

    CHECK_EQUAL(rm_text_to_bytes(u"abcd", to, 4), 4);
    CHECK_EQUAL(rm_text_to_bytes(u"abcde", to, 4), -ENAMETOOLONG);
    CHECK_EQUAL(rm_text_to_bytes(u"abc\u20ac", to, 5), -ENAMETOOLONG);
    /* Cut between characters: half a pair would be a character of its own. */
    CHECK_EQUAL(rm_text_from_bytes("ab\xf0\x9f\x90\x8d", wide, 3), 2);
    CHECK_EQUAL(wide[2], 0);
    CHECK_EQUAL(rm_text_from_bytes("abc", wide, 0), 0);
    CHECK_EQUAL(wide[0], 0);
}

int main(void)
{
    RUN(test_round_trips);
    RUN(test_every_pair_of_bytes);
    RUN(test_escapes_are_those_of_pep_383);
    RUN(test_unpaired_surrogates_are_refused);
    RUN(test_limits);
    return 0;
}
