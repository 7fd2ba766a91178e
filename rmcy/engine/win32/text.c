/* SPDX-License-Identifier: MIT
 *
 * WTF-8: UTF-8 in which a surrogate that is alone has the three bytes of its
 * number.  Every name that Windows can have goes through it and back unchanged,
 * as through Python's "surrogatepass".
 */
#include "text.h"

#include <errno.h>
#include <stdint.h>

static bool is_high(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDBFF;
}

static bool is_low(uint32_t c)
{
    return c >= 0xDC00 && c <= 0xDFFF;
}

static size_t encode(uint32_t c, uint8_t to[4])
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xC0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (uint8_t)(0xE0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        to[2] = (uint8_t)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (uint8_t)(0xF0 | c >> 18);
    to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
    to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    to[3] = (uint8_t)(0x80 | (c & 0x3F));
    return 4;
}

long rm_text_to_bytes(const WCHAR *text, char *to, size_t limit)
{
    size_t n = 0;

    while (*text) {
        uint32_t c = *text++;
        uint8_t bytes[4];
        size_t size;

        if (is_high(c) && is_low(*text))
            c = 0x10000 + ((c - 0xD800) << 10) + (*text++ - 0xDC00u);
        size = encode(c, bytes);
        if (size > limit - n)
            return -ENAMETOOLONG;
        for (size_t i = 0; i < size; i++)
            to[n++] = (char)bytes[i];
    }
    return (long)n;
}

/* One character, or a surrogate that is alone.  A byte that belongs to neither, which no name of Windows leads to, is
 * U+FFFD (ours). */
static size_t decode(const uint8_t *s, uint32_t *ret)
{
    uint32_t c = s[0], least;
    size_t more;

    *ret = 0xFFFD;
    if (c < 0x80) {
        *ret = c;
        return 1;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        more = 1, least = 0x80, c &= 0x1F;
    } else if (c >= 0xE0 && c <= 0xEF) {
        more = 2, least = 0x800, c &= 0x0F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        more = 3, least = 0x10000, c &= 0x07;
    } else {
        return 1;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80) /* the NUL at the end stops here too */
            return 1;
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least || c > 0x10FFFF)
        return 1;
    *ret = c;
    return more + 1;
}

size_t rm_text_from_bytes(const char *bytes, WCHAR *to, size_t capacity)
{
    const uint8_t *s = (const uint8_t *)bytes;
    size_t n = 0;

    while (*s) {
        uint32_t c;
        size_t used = decode(s, &c), units = c >= 0x10000 ? 2 : 1;

        if (units > capacity - n)
            break;
        if (units == 2) {
            to[n++] = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            to[n++] = (WCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            to[n++] = (WCHAR)c;
        }
        s += used;
    }
    to[n] = 0;
    return n;
}

bool rm_text_is_utf8(const char *bytes)
{
    for (const uint8_t *s = (const uint8_t *)bytes; *s;) {
        bool meant = s[0] == 0xEF && s[1] == 0xBF && s[2] == 0xBD;
        uint32_t c;

        s += decode(s, &c);
        if (is_high(c) || is_low(c) || (c == 0xFFFD && !meant))
            return false;
    }
    return true;
}
