/* SPDX-License-Identifier: MIT
 *
 * Names as bytes and as the interface has them (UTF-16).  On Linux the bytes
 * are the system's own, converted as PEP 383 does: a byte that is not UTF-8 is
 * U+DC00 + byte.  On Windows the UTF-16 is the system's own, converted as WTF-8
 * does: a surrogate that is alone has three bytes.  Either way every name of the
 * system comes back as it was.
 */
#pragma once

#include "restartmanager_ext.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest path that the system takes; a longer one can name nothing. */
#ifndef RM_PATH_LIMIT
#define RM_PATH_LIMIT 4095
#endif

/* Bytes that `text` takes, without a NUL; -ENAMETOOLONG past `limit` bytes; on Linux -EILSEQ for an unpaired surrogate
 * that stands for no byte.  `to` needs 3 bytes a unit. */
long rm_text_to_bytes(const WCHAR *text, char *to, size_t limit);

/* Writes at most `capacity` units and always a NUL; cuts between characters.  Returns the units written. */
size_t rm_text_from_bytes(const char *bytes, WCHAR *to, size_t capacity);

/* UTF-8 and nothing else? */
bool rm_text_is_utf8(const char *bytes);
