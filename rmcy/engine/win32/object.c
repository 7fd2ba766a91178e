/* SPDX-License-Identifier: MIT */
#include "object.h"

#include "hex.h"
#include "sha256.h"

#include <stdio.h>

void rm_object_name(const char *kind, const void *what, size_t size, WCHAR ret[RM_OBJECT_NAME_SIZE])
{
    char text[RM_OBJECT_NAME_SIZE], digits[2 * 32 + 1];
    uint8_t hash[32];
    size_t n = 0;

    rm_sha256(what, size, hash);
    rm_hex(hash, sizeof hash, digits);
    snprintf(text, sizeof text, "Local\\rmcy-%s-%s", kind, digits);
    do
        ret[n] = (WCHAR)text[n];
    while (text[n++]);
}
