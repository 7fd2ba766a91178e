/* SPDX-License-Identifier: MIT
 *
 * The three widenings, a register of RMCY_REGISTER bytes at a time: functions for each kind of machine, so this is
 * included once for each (widen.h).  RMCY_WIDE(1), (2) and (4) name them; RMCY_REST(1), (2) and (4) take what is
 * shorter than a register.
 */

#define RMCY_VECTOR(type, size) typedef type __attribute__((vector_size(size)))

/* `put` writes a register of what takes one unit each.  The last step goes over those before, if need be: faster than
 * to go on with less at a time.  Written out as a macro, since it costs a tenth more to ask in each step whether it is
 * the last one. */
#define RMCY_STEP_AT(at, put, is_bad)                        \
    do {                                                     \
        units c;                                             \
        memcpy(&c, (const char *)(source + (at)), sizeof c); \
        put(c, target + (at));                               \
        bad |= (units)is_bad(c);                             \
    } while (0)
#define RMCY_WIDEN(kind, unit, put, is_bad)                                                               \
    RMCY_TARGET static CYTHON_UNUSED inline Py_ssize_t RMCY_WIDE(kind)(const unit *source, WCHAR *target, \
                                                                       Py_ssize_t n)                      \
    {                                                                                                     \
        enum { STEP = RMCY_REGISTER / sizeof(unit) };                                                     \
        RMCY_VECTOR(unit, RMCY_REGISTER) units;                                                           \
        units bad = {0};                                                                                  \
        if (n < STEP)                                                                                     \
            return RMCY_REST(kind)(source, target, n);                                                    \
        for (Py_ssize_t i = 0; i < n - STEP; i += STEP)                                                   \
            RMCY_STEP_AT(i, put, is_bad);                                                                 \
        RMCY_STEP_AT(n - STEP, put, is_bad);                                                              \
        return RMCY_ANY(bad) ? -1 : n;                                                                    \
    }
#define RMCY_IS_NUL(c) ((c) == 0)
#define RMCY_COPY(c, target) memcpy(target, &(c), sizeof(c))

RMCY_WIDEN(1, uint8_t, RMCY_SPREAD, RMCY_IS_NUL)
RMCY_WIDEN(2, uint16_t, RMCY_COPY, RMCY_BAD)

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

#undef RMCY_COPY
#undef RMCY_IS_NUL
#undef RMCY_WIDEN
#undef RMCY_STEP_AT
#undef RMCY_VECTOR
#undef RMCY_REGISTER
