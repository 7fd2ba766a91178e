/* SPDX-License-Identifier: MIT
 *
 * What the C tests have in place of a framework: a condition that does not
 * hold ends the program and says which, where, and what errno was.
 */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s: does not hold: %s (errno: %s)\n", __FILE__, __LINE__, __func__, #condition,    \
                    strerror(errno));                                                                                  \
            _Exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

/* Two integers that must be equal; shows both. */
#define CHECK_EQUAL(a, b)                                                                                              \
    do {                                                                                                               \
        long long left_ = (long long)(a), right_ = (long long)(b);                                                     \
        if (left_ != right_) {                                                                                         \
            fprintf(stderr, "%s:%d: %s: %s is %lld, not %s (%lld)\n", __FILE__, __LINE__, __func__, #a, left_, #b,     \
                    right_);                                                                                           \
            _Exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        printf("%s\n", #test);                                                                                         \
        fflush(stdout);                                                                                                \
        test();                                                                                                        \
    } while (0)

/* What meson takes for "skipped". */
#define SKIPPED 77
