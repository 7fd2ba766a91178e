/* SPDX-License-Identifier: MIT */
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

long rm_text_to_bytes(const WCHAR *text, char *to, size_t limit)
{
    size_t n = 0;

    for (;;) {
        uint32_t c = *text++;
        uint8_t bytes[4];
        size_t size;

        if (!c)
            break;
        if (is_high(c)) {
            uint32_t low = *text;

            if (!is_low(low))
                return -EILSEQ;
            text++;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            bytes[0] = (uint8_t)(0xF0 | c >> 18);
            bytes[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
            bytes[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            bytes[3] = (uint8_t)(0x80 | (c & 0x3F));
            size = 4;
        } else if (is_low(c)) {
            if (c < 0xDC80 || c > 0xDCFF)
                return -EILSEQ;
            bytes[0] = (uint8_t)(c - 0xDC00);
            size = 1;
        } else if (c < 0x80) {
            bytes[0] = (uint8_t)c;
            size = 1;
        } else if (c < 0x800) {
            bytes[0] = (uint8_t)(0xC0 | c >> 6);
            bytes[1] = (uint8_t)(0x80 | (c & 0x3F));
            size = 2;
        } else {
            bytes[0] = (uint8_t)(0xE0 | c >> 12);
            bytes[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            bytes[2] = (uint8_t)(0x80 | (c & 0x3F));
            size = 3;
        }

        if (n + size > limit)
            return -ENAMETOOLONG;
        for (size_t i = 0; i < size; i++)
            to[n++] = (char)bytes[i];
    }
    return (long)n;
}

/* One character of well-formed UTF-8 (no surrogate, nothing overlong), or the lone byte that is not part of one. */
static size_t decode(const uint8_t *s, uint32_t *ret_character, bool *ret_escaped)
{
    uint32_t c = s[0], least;
    size_t more;

    *ret_escaped = false;
    if (c < 0x80) {
        *ret_character = c;
        return 1;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        more = 1, least = 0x80, c &= 0x1F;
    } else if (c >= 0xE0 && c <= 0xEF) {
        more = 2, least = 0x800, c &= 0x0F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        more = 3, least = 0x10000, c &= 0x07;
    } else {
        goto escape;
    }

    for (size_t i = 1; i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80) /* the NUL at the end stops here too */
            goto escape;
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        goto escape;
    *ret_character = c;
    return more + 1;

escape:
    *ret_escaped = true;
    *ret_character = 0xDC00u + s[0];
    return 1;
}

size_t rm_text_from_bytes(const char *bytes, WCHAR *to, size_t capacity)
{
    const uint8_t *s = (const uint8_t *)bytes;
    size_t n = 0;

    while (*s) {
        uint32_t c;
        bool escaped;
        size_t used = decode(s, &c, &escaped), units = c >= 0x10000 ? 2 : 1;

        if (n + units > capacity)
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
    bool escaped = false;

    for (const uint8_t *s = (const uint8_t *)bytes; *s && !escaped;) {
        uint32_t c;

        s += decode(s, &c, &escaped);
    }
    return !escaped;
}
