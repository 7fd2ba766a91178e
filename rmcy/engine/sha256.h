/* SPDX-License-Identifier: MIT
 *
 * SHA-256 (FIPS 180-4) of one short block: what the store keeps in place of a
 * session's key, so that reading the store does not let anybody join.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void rm_sha256(const uint8_t *data, size_t size, uint8_t ret_digest[32]);
