/* SPDX-License-Identifier: MIT
 *
 * Names of Windows as bytes: nothing that Windows can have as a name is lost or refused.
 */
#include "check.h"
#include "text.h"

#include <stdbool.h>

static void round_trip(const WCHAR *wide, const char *expected)
{
    char bytes[64];
    WCHAR back[64];
    long size = rm_text_to_bytes(wide, bytes, sizeof bytes - 1);

    CHECK_EQUAL(size, strlen(expected));
    bytes[size] = 0;
    CHECK(!strcmp(bytes, expected));
    CHECK_EQUAL(rm_text_from_bytes(bytes, back, 63), wcslen(wide));
    CHECK(!wcscmp(back, wide));
}

static void test_round_trips(void)
{
    round_trip(L"", "");
    round_trip(L"C:\\Windows\\x.dll", "C:\\Windows\\x.dll");
    round_trip(L"\u00e9\u07ff", "\xc3\xa9\xdf\xbf");
    round_trip(L"\u20ac\uffff", "\xe2\x82\xac\xef\xbf\xbf");
    round_trip((WCHAR[]){0xD83D, 0xDC0D, 0}, "\xf0\x9f\x90\x8d");
    round_trip((WCHAR[]){0xDBFF, 0xDFFF, 0}, "\xf4\x8f\xbf\xbf");
}

static void test_surrogates_that_are_alone(void)
{
    round_trip((WCHAR[]){0xD800, 0}, "\xed\xa0\x80");
    round_trip((WCHAR[]){0xDFFF, 'x', 0}, "\xed\xbf\xbfx");
    round_trip((WCHAR[]){0xDC80, 0xD83D, 0}, "\xed\xb2\x80\xed\xa0\xbd"); /* the wrong way round */
    round_trip((WCHAR[]){0xD83D, 0xD83D, 0xDC0D, 0}, "\xed\xa0\xbd\xf0\x9f\x90\x8d");
}

static void test_every_unit(void)
{
    for (unsigned unit = 1; unit < 0x10000; unit++) {
        WCHAR wide[] = {'a', (WCHAR)unit, 'b', 0}, back[4];
        char bytes[6];
        long size = rm_text_to_bytes(wide, bytes, sizeof bytes - 1);

        CHECK(size > 2);
        bytes[size] = 0;
        CHECK(rm_text_from_bytes(bytes, back, 3) == 3 && !wcscmp(back, wide));
        CHECK_EQUAL(rm_text_is_utf8(bytes), unit < 0xD800 || unit > 0xDFFF);
    }
}

static void test_bytes_that_no_name_leads_to(void) /* ours */
{
    WCHAR wide[8];

    CHECK_EQUAL(rm_text_from_bytes("a\xff\xc3", wide, 7), 3);
    CHECK(wide[1] == 0xFFFD && wide[2] == 0xFFFD);
    CHECK(!rm_text_is_utf8("a\xff") && !rm_text_is_utf8("\xc0\xaf") && rm_text_is_utf8("\xef\xbf\xbd"));
}

static void test_limits(void)
{
    WCHAR wide[8];
    char to[8];

    CHECK_EQUAL(rm_text_to_bytes(L"abcd", to, 4), 4);
    CHECK_EQUAL(rm_text_to_bytes(L"abcde", to, 4), -ENAMETOOLONG);
    CHECK_EQUAL(rm_text_to_bytes(L"abc\u20ac", to, 5), -ENAMETOOLONG);
    /* Cut between characters: half a pair would be a character of its own. */
    CHECK_EQUAL(rm_text_from_bytes("ab\xf0\x9f\x90\x8d", wide, 3), 2);
    CHECK_EQUAL(wide[2], 0);
}

int main(void)
{
    RUN(test_round_trips);
    RUN(test_surrogates_that_are_alone);
    RUN(test_every_unit);
    RUN(test_bytes_that_no_name_leads_to);
    RUN(test_limits);
    return 0;
}
