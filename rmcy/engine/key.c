/* SPDX-License-Identifier: MIT */
#include "key.h"

#include "host.h"
#include "sha256.h"

#include <errno.h>

int rm_key_make(WCHAR ret_text[CCH_RM_SESSION_KEY + 1], uint8_t ret_hash[32])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bits[RM_SESSION_KEY_LEN];
    int e = rm_host_random(bits, sizeof bits);

    if (e < 0)
        return e;
    for (unsigned i = 0; i < RM_SESSION_KEY_LEN; i++) {
        ret_text[2 * i] = (WCHAR)digits[bits[i] >> 4];
        ret_text[2 * i + 1] = (WCHAR)digits[bits[i] & 15];
    }
    ret_text[CCH_RM_SESSION_KEY] = 0;
    rm_sha256(bits, sizeof bits, ret_hash);
    return 0;
}

static int digit(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int rm_key_hash(const WCHAR *text, uint8_t ret_hash[32])
{
    uint8_t bits[RM_SESSION_KEY_LEN];

    for (unsigned i = 0; i < RM_SESSION_KEY_LEN; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

        if (low < 0)
            return -EINVAL;
        bits[i] = (uint8_t)(high << 4 | low);
    }
    if (text[CCH_RM_SESSION_KEY])
        return -EINVAL;
    rm_sha256(bits, sizeof bits, ret_hash);
    return 0;
}
