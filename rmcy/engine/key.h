/* SPDX-License-Identifier: MIT
 *
 * A session's key: 128 random bits, written as 32 hexadecimal digits.  Lower
 * case is what we write and both cases are what we read (ours: no source says
 * what Windows does).  The store only ever sees a hash of the bits.
 */
#pragma once

#include "restartmanager.h"

#include <stdint.h>

int rm_key_make(WCHAR ret_text[CCH_RM_SESSION_KEY + 1], uint8_t ret_hash[32]);
/* -EINVAL: not 32 hexadecimal digits. */
int rm_key_hash(const WCHAR *text, uint8_t ret_hash[32]);
