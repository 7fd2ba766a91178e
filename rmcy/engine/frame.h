/* SPDX-License-Identifier: MIT
 *
 * What stands before a record in a secondary's log: its length and a checksum
 * that depends on where it stands, so that a record cut short by a kill or a
 * full disk is never taken for one, nor are remains of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RM_FRAME_MAX (64u << 20)

struct rm_frame {
    uint64_t checksum; /* of size and data, by offset */
    uint32_t size;     /* of the data; the data is padded to 8 */
    uint32_t size_inverted;
};

static inline size_t rm_frame_padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* For a record of at most RM_FRAME_MAX bytes that will stand at that offset. */
struct rm_frame rm_frame_make(const void *data, size_t size, uint64_t offset);
/* Can a record that ends before `end` stand behind it? */
bool rm_frame_is_sane(const struct rm_frame *frame, uint64_t offset, uint64_t end);
/* Is this the record, whole? */
bool rm_frame_is_of(const struct rm_frame *frame, const void *data, uint64_t offset);

/* Tells torn from whole; it does not keep out forgers, who would be the user himself. */
uint64_t rm_frame_checksum(const void *data, size_t size, uint64_t seed);
