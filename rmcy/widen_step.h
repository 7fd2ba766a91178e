/* SPDX-License-Identifier: MIT
 *
 * RMCY_STEP characters of one byte at a time: a function for each kind of machine, so this is included once for each
 * (widen.h).  RMCY_STEP_REST is for a text that is shorter than a step.
 */

/* The last step overlaps those before. */
RMCY_STEP_TARGET static CYTHON_UNUSED inline Py_ssize_t RMCY_STEP_WIDEN1(const uint8_t *source, WCHAR *target,
                                                                        Py_ssize_t n)
{
    typedef uint8_t bytes __attribute__((vector_size(RMCY_STEP)));
    typedef uint16_t words __attribute__((vector_size(2 * RMCY_STEP)));
    bytes zero = {0};
    uint64_t parts[RMCY_STEP / 8], any = 0;
    Py_ssize_t i = 0;

    if (n < RMCY_STEP)
        return RMCY_STEP_REST(source, target, n);
    for (;;) {
        bytes c;
        words w;

        memcpy(&c, source + i, sizeof c);
        w = __builtin_convertvector(c, words);
        memcpy(target + i, &w, sizeof w);
        zero |= (bytes)(c == 0);
        if (i == n - RMCY_STEP)
            break;
        i = i + RMCY_STEP < n - RMCY_STEP ? i + RMCY_STEP : n - RMCY_STEP;
    }
    memcpy(parts, &zero, sizeof parts);
    for (int part = 0; part < RMCY_STEP / 8; part++)
        any |= parts[part];
    return any ? -1 : n;
}

#undef RMCY_STEP
#undef RMCY_STEP_TARGET
#undef RMCY_STEP_WIDEN1
#undef RMCY_STEP_REST
