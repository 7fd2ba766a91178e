/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <string.h>

/* Eight bytes a step. */
uint64_t rm_frame_checksum(const void *data, size_t size, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t h = seed * 0x9E3779B97F4A7C15u + size + 1;

    while (size) {
        uint64_t word = 0;
        size_t n = size < 8 ? size : 8;

        memcpy(&word, p, n);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        p += n;
        size -= n;
    }
    return h;
}

struct rm_frame rm_frame_make(const void *data, size_t size, uint64_t offset)
{
    return (struct rm_frame){.checksum = rm_frame_checksum(data, size, offset),
                             .size = (uint32_t)size,
                             .size_inverted = ~(uint32_t)size};
}

bool rm_frame_is_sane(const struct rm_frame *frame, uint64_t offset, uint64_t end)
{
    return frame->size == ~frame->size_inverted && frame->size <= RM_FRAME_MAX &&
           offset + sizeof *frame + rm_frame_padded(frame->size) <= end;
}

bool rm_frame_is_of(const struct rm_frame *frame, const void *data, uint64_t offset)
{
    return rm_frame_checksum(data, frame->size, offset) == frame->checksum;
}
