/* SPDX-License-Identifier: MIT
 *
 * Names as the system has them (bytes) and as the interface has them (UTF-16),
 * converted as PEP 383 does: a byte that is not UTF-8 is U+DC00 + byte.
 */
#pragma once

#include "restartmanager.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes that `text` takes, without a NUL; -EILSEQ for an unpaired surrogate that stands for no byte,
 * -ENAMETOOLONG past `limit` bytes.  `to` needs 3 bytes a unit. */
long rm_text_to_bytes(const WCHAR *text, char *to, size_t limit);

/* Writes at most `capacity` units and always a NUL; cuts between characters.  Returns the units written. */
size_t rm_text_from_bytes(const char *bytes, WCHAR *to, size_t capacity);

/* UTF-8 and nothing else? */
bool rm_text_is_utf8(const char *bytes);
