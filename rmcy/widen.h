/* SPDX-License-Identifier: MIT
 *
 * Text as Python keeps it, one, two or four bytes a character, to UTF-16: one
 * name, and a run of them.  Each function gives the number of units written,
 * or -1 for a NUL or a surrogate that stands for no byte.
 */
#ifndef RMCY_WIDEN_H
#define RMCY_WIDEN_H

#include <stdint.h>
#include <string.h>

/* The one place that says whether names are bytes: elsewhere they are UTF-16. */
#ifdef _WIN32
#define RMCY_NAMES_ARE_BYTES 0
#else
#define RMCY_NAMES_ARE_BYTES 1
#endif

/* The three lines that a str with a path of usual length can lie in. */
#if defined(__GNUC__)
#define rmcy_prefetch_line(p) __builtin_prefetch(p)
#define rmcy_prefetch(p) \
    (__builtin_prefetch(p), __builtin_prefetch((const char *)(p) + 64), __builtin_prefetch((const char *)(p) + 127))
#else
#define rmcy_prefetch_line(p) ((void)(p))
#define rmcy_prefetch(p) ((void)(p))
#endif

/* A NUL, or a surrogate that is no byte (U+DC80 to U+DCFF, PEP 383); a str has no pairs, so it is alone. */
#if RMCY_NAMES_ARE_BYTES
#define RMCY_BAD(c) (((c) == 0) | ((((c) & 0xF800) == 0xD800) & (((c) & 0xFF80) != 0xDC80)))
#else
#define RMCY_BAD(c) ((c) == 0)
#endif

static CYTHON_UNUSED inline Py_ssize_t rmcy_widen1_short(const uint8_t *source, WCHAR *target, Py_ssize_t n)
{
    int zero = 0;

    for (Py_ssize_t i = 0; i < n; i++) {
        target[i] = source[i];
        zero |= !source[i];
    }
    return zero ? -1 : n;
}

static CYTHON_UNUSED inline Py_ssize_t rmcy_widen2_short(const uint16_t *source, WCHAR *target, Py_ssize_t n)
{
    int bad = 0;

    /* A buffer may lie at any address, and others may write to it: what is checked is what has been read once. */
    for (Py_ssize_t i = 0; i < n; i++) {
        uint16_t c;

        memcpy(&c, (const char *)source + 2 * i, sizeof c);
        target[i] = c;
        bad |= RMCY_BAD(c);
    }
    return bad ? -1 : n;
}

/* The pair of units of a character, as it lies in memory: the high one comes first. */
#if PY_BIG_ENDIAN
#define RMCY_PAIR(c) (((0xD7C0 + ((c) >> 10)) << 16) | (0xDC00 + ((c) & 0x3FF)))
#else
#define RMCY_PAIR(c) ((0xD7C0 + ((c) >> 10)) | ((0xDC00 + ((c) & 0x3FF)) << 16))
#endif

static CYTHON_UNUSED inline Py_ssize_t rmcy_widen4_short(const uint32_t *source, WCHAR *target, Py_ssize_t n)
{
    WCHAR *out = target;

    for (Py_ssize_t i = 0; i < n; i++) {
        const uint32_t c = source[i], pair = RMCY_PAIR(c);

        if (c >= 0x10000) {
            memcpy(out, &pair, sizeof pair);
            out += 2;
        } else if (RMCY_BAD(c)) {
            return -1;
        } else {
            *out++ = (WCHAR)c;
        }
    }
    return out - target;
}

/* Sixteen bytes are what a register has that every machine has: of larger vectors compilers make single steps. */
#define RMCY_TARGET
#define RMCY_WIDE(kind) rmcy_widen##kind
#if defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 9)
typedef uint8_t rmcy_bytes16 __attribute__((vector_size(16)));
typedef uint16_t rmcy_words16 __attribute__((vector_size(32)));

static CYTHON_UNUSED inline int rmcy_any(rmcy_bytes16 mask)
{
    uint64_t halves[2];

    memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

static CYTHON_UNUSED inline void rmcy_spread(rmcy_bytes16 c, WCHAR *target)
{
    const rmcy_words16 w = __builtin_convertvector(c, rmcy_words16);

    memcpy(target, &w, sizeof w);
}

#define RMCY_REGISTER 16
#define RMCY_SPREAD rmcy_spread
#define RMCY_REST(kind) rmcy_widen##kind##_short
#define RMCY_ANY(mask) rmcy_any((rmcy_bytes16)(mask))
#include "widen_step.h"
#undef RMCY_SPREAD
#undef RMCY_ANY
#undef RMCY_REST
#else
#define rmcy_widen1 rmcy_widen1_short
#define rmcy_widen2 rmcy_widen2_short
#define rmcy_widen4 rmcy_widen4_short
#endif

/* ---- a run of names ---------------------------------------------------- */

struct rmcy_run {
    PyObject **items;
    Py_ssize_t begin, count;
    WCHAR *target, *end;
    LPCWSTR *pointers;
};

#define RMCY_RUN rmcy_run_plain
#include "widen_run.h"
#undef RMCY_WIDE
#undef RMCY_TARGET

/* Twice as much at a time is a fifth of the time for a path of usual length.  mingw aligns no stack for it. */
#if defined(__x86_64__) && defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 9) && !defined(_WIN32)
#include <cpuid.h>
#include <immintrin.h>

typedef uint8_t rmcy_bytes32 __attribute__((vector_size(32)));

/* By hand, for of a __builtin_convertvector that needs two registers compilers make five times as many steps. */
__attribute__((target("avx2"))) static CYTHON_UNUSED inline void rmcy_spread_avx2(rmcy_bytes32 c, WCHAR *target)
{
    const __m256i all = (__m256i)c;

    _mm256_storeu_si256((__m256i *)target, _mm256_cvtepu8_epi16(_mm256_castsi256_si128(all)));
    _mm256_storeu_si256((__m256i *)target + 1, _mm256_cvtepu8_epi16(_mm256_extracti128_si256(all, 1)));
}

#define RMCY_TARGET __attribute__((target("avx2")))
#define RMCY_WIDE(kind) rmcy_widen##kind##_avx2
#define RMCY_REST(kind) rmcy_widen##kind
#define RMCY_ANY(mask) !_mm256_testz_si256((__m256i)(mask), (__m256i)(mask))
#define RMCY_SPREAD rmcy_spread_avx2
#define RMCY_REGISTER 32
#include "widen_step.h"

#define RMCY_RUN rmcy_run_avx2
#include "widen_run.h"
#undef RMCY_SPREAD
#undef RMCY_ANY
#undef RMCY_REST
#undef RMCY_WIDE
#undef RMCY_TARGET

/* Asked of the processor, and whether the system keeps the registers: not every compiler's own question is answered.
 * Once, since in a virtual machine it is the host that answers. */
static CYTHON_UNUSED int rmcy_has_avx2(void)
{
    static int known = -1; /* two threads at once find out the same */
    const unsigned saved = bit_OSXSAVE | bit_AVX;
    unsigned a, b, c, d, state = 0, high;
    int has = 0;

    if (known >= 0)
        return known;
    if (__get_cpuid(1, &a, &b, &c, &d) && (c & saved) == saved)
        __asm__("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    if ((state & 6) == 6 && __get_cpuid_count(7, 0, &a, &b, &c, &d))
        has = (b & bit_AVX2) != 0;
    known = has;
    return has;
}

/* For a few it is not worth its beginning. */
#define RMCY_PICK_RUN(count) ((count) >= 8 && rmcy_has_avx2() ? rmcy_run_avx2 : rmcy_run_plain)
#else
#define RMCY_PICK_RUN(count) rmcy_run_plain
#endif

/* Write the names from `begin` on, as long as each is a plain str and there is room: how far it came.  What it stopped
 * at is not written, nor is it said why.  No code of anybody's runs meanwhile. */
static CYTHON_UNUSED Py_ssize_t rmcy_run(struct rmcy_run *run)
{
    return RMCY_PICK_RUN(run->count - run->begin)(run);
}

#endif
