/* SPDX-License-Identifier: MIT
 *
 * What leaves the engine is one block: a structure, all that its pointers lead
 * to, and the strings behind that.  It is cut up twice: without a base, to know
 * how large it has to be, and with one.
 */
#pragma once

#include <stdalign.h>
#include <stddef.h>

/* In order of falling alignment; strings come last. */
struct rm_block {
    char *base;
    size_t used;
};

static inline void *rm_cut(struct rm_block *b, size_t count, size_t item, size_t align)
{
    b->used = (b->used + align - 1) / align * align;
    void *piece = b->base ? b->base + b->used : NULL;
    b->used += count * item;
    return piece;
}

#define RM_CUT(block, count, type) ((type *)rm_cut((block), (count), sizeof(type), alignof(type)))
