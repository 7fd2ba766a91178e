/* SPDX-License-Identifier: MIT
 *
 * Memory that runs out at a chosen allocation.  The program is linked with
 * --wrap, so the real allocator is a step away; running a machine out of memory
 * would end other programs.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static atomic_long until_failure = -1; /* so many allocations from now one fails; < 0: none does */

static bool fails(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}
