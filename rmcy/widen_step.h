/* SPDX-License-Identifier: MIT
 *
 * The three widenings, a register of RMCY_REGISTER bytes at a time: functions for each kind of machine, so this is
 * included once for each (widen.h).  RMCY_WIDE(1), (2) and (4) name them; RMCY_REST(1), (2) and (4) take what is
 * shorter than a register.
 */

#define RMCY_VECTOR(type, size) typedef type __attribute__((vector_size(size)))

RMCY_TARGET static CYTHON_UNUSED inline Py_ssize_t RMCY_WIDE(1)(const uint8_t *source, WCHAR *target, Py_ssize_t n)
{
    enum { STEP = RMCY_REGISTER };
    RMCY_VECTOR(uint8_t, RMCY_REGISTER) bytes;
    bytes zero = {0};

    if (n < STEP)
        return RMCY_REST(1)(source, target, n);
#define RMCY_STEP_AT(i)                     \
    do {                                    \
        bytes c;                            \
        memcpy(&c, source + (i), sizeof c); \
        RMCY_SPREAD(c, target + (i));       \
        zero |= (bytes)(c == 0);            \
    } while (0)
    for (Py_ssize_t i = 0; i < n - STEP; i += STEP)
        RMCY_STEP_AT(i);
    /* Over those before, if need be: faster than to go on with less at a time. */
    RMCY_STEP_AT(n - STEP);
#undef RMCY_STEP_AT
    return RMCY_ANY(zero) ? -1 : n;
}

RMCY_TARGET static CYTHON_UNUSED inline Py_ssize_t RMCY_WIDE(2)(const uint16_t *source, WCHAR *target, Py_ssize_t n)
{
    enum { STEP = RMCY_REGISTER / 2 };
    RMCY_VECTOR(uint16_t, RMCY_REGISTER) words;
    words bad = {0};

    if (n < STEP)
        return RMCY_REST(2)(source, target, n);
#define RMCY_STEP_AT(i)                                     \
    do {                                                    \
        words c;                                            \
        memcpy(&c, (const char *)(source + (i)), sizeof c); \
        memcpy(target + (i), &c, sizeof c);                 \
        bad |= (words)RMCY_BAD(c);                          \
    } while (0)
    for (Py_ssize_t i = 0; i < n - STEP; i += STEP)
        RMCY_STEP_AT(i);
    RMCY_STEP_AT(n - STEP);
#undef RMCY_STEP_AT
    return RMCY_ANY(bad) ? -1 : n;
}

/* As long as all characters of a register take as many units, one each or two. */
RMCY_TARGET static CYTHON_UNUSED inline Py_ssize_t RMCY_WIDE(4)(const uint32_t *source, WCHAR *target, Py_ssize_t n)
{
    enum { STEP = RMCY_REGISTER / 4 };
    RMCY_VECTOR(uint32_t, RMCY_REGISTER) characters;
    RMCY_VECTOR(uint16_t, RMCY_REGISTER / 2) words;
    characters bad = {0};
    WCHAR *out = target;
    Py_ssize_t i = 0, rest;

    for (; i + STEP <= n; i += STEP) {
        characters c, pairs, single;

        memcpy(&c, source + i, sizeof c);
        pairs = (characters)(c >= 0x10000);
        single = ~pairs;
        if (!RMCY_ANY(pairs)) {
            const words w = __builtin_convertvector(c, words);

            memcpy(out, &w, sizeof w);
            out += STEP;
            bad |= (characters)RMCY_BAD(c);
        } else if (!RMCY_ANY(single)) {
            c = RMCY_PAIR(c);
            memcpy(out, &c, sizeof c);
            out += 2 * STEP;
        } else {
            const Py_ssize_t written = rmcy_widen4_short(source + i, out, STEP);

            if (written < 0)
                return -1;
            out += written;
        }
    }
    rest = RMCY_REST(4)(source + i, out, n - i);
    return rest < 0 || RMCY_ANY(bad) ? -1 : out - target + rest;
}

#undef RMCY_VECTOR
#undef RMCY_REGISTER
