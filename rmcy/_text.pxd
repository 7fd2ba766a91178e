# SPDX-License-Identifier: MIT
"""Names between Python, which has str, and the Restart Manager, which has UTF-16 in and bytes out.

Elsewhere a name is bytes, and what is no UTF-8 of them is a surrogate each, in
a str and in UTF-16 (PEP 383).  On Windows it is UTF-16 that need not be
well-formed: every surrogate goes through, and its bytes are UTF-8 with three of
them for a lone surrogate.  So Python has it there, too (PEP 529).
"""

from cpython.unicode cimport PyUnicode_DecodeUTF8, PyUnicode_DecodeUTF16
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, strlen

from rmcy.restartmanager cimport WCHAR

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN
    str PyUnicode_DecodeFSDefaultAndSize(const char *name, Py_ssize_t size)
    str new_str "PyUnicode_New"(Py_ssize_t length, Py_UCS4 highest)
    uint8_t *str_bytes "PyUnicode_1BYTE_DATA"(str text)


cdef extern from *:
    """
    #include <string.h>

    /* The one place that says which of the two. */
    #ifdef _WIN32
    #define RMCY_NAMES_ARE_BYTES 0
    #else
    #define RMCY_NAMES_ARE_BYTES 1
    #endif

    /* The three lines that a str with a path of usual length can lie in. */
    #if defined(__GNUC__)
    #define rmcy_prefetch(p) \\
        (__builtin_prefetch(p), __builtin_prefetch((const char *)(p) + 64), __builtin_prefetch((const char *)(p) + 127))
    #else
    #define rmcy_prefetch(p) ((void)(p))
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

    /* The length of a text that ends at a NUL, or at the limit. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_length(const WCHAR *text, Py_ssize_t limit)
    {
        Py_ssize_t n = 0;

        while (n < limit && text[n])
            n++;
        return n;
    }

    /* Keeps the low bytes; gives all units in one, so that whoever asks sees whether these were enough. */
    static CYTHON_UNUSED inline WCHAR rmcy_narrow(const WCHAR *source, uint8_t *target, Py_ssize_t n)
    {
        WCHAR all = 0;

        for (Py_ssize_t i = 0; i < n; i++)
            all |= source[i], target[i] = (uint8_t)source[i];
        return all;
    }

    /* A NUL, or a surrogate that is no byte (U+DC80 to U+DCFF, PEP 383); a str has no pairs, so it is alone. */
    #if RMCY_NAMES_ARE_BYTES
    #define RMCY_BAD(c) (((c) == 0) | ((((c) & 0xF800) == 0xD800) & (((c) & 0xFF80) != 0xDC80)))
    #else
    #define RMCY_BAD(c) ((c) == 0)
    #endif

    static CYTHON_UNUSED inline Py_ssize_t rmcy_widen2_short(const uint16_t *source, WCHAR *target, Py_ssize_t n)
    {
        int bad = 0;

        for (Py_ssize_t i = 0; i < n; i++) {
            target[i] = source[i];
            bad |= RMCY_BAD(source[i]);
        }
        return bad ? -1 : n;
    }

    #if defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 9)
    typedef uint8_t rmcy_bytes __attribute__((vector_size(16)));
    typedef uint16_t rmcy_words __attribute__((vector_size(32)));

    /* Sixteen characters at a time; the last sixteen overlap those before. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_widen1(const uint8_t *source, WCHAR *target, Py_ssize_t n)
    {
        rmcy_bytes zero = {0};
        uint64_t halves[2];
        Py_ssize_t i = 0;

        if (n < 16)
            return rmcy_widen1_short(source, target, n);
        for (;;) {
            rmcy_bytes c;
            rmcy_words w;

            memcpy(&c, source + i, sizeof c);
            w = __builtin_convertvector(c, rmcy_words);
            memcpy(target + i, &w, sizeof w);
            zero |= (rmcy_bytes)(c == 0);
            if (i == n - 16)
                break;
            i = i + 16 < n - 16 ? i + 16 : n - 16;
        }
        memcpy(halves, &zero, sizeof halves);
        return halves[0] | halves[1] ? -1 : n;
    }

    /* Eight units are what a register has that every machine has: of larger vectors compilers make single steps. */
    typedef uint16_t rmcy_units __attribute__((vector_size(16)));

    static CYTHON_UNUSED inline int rmcy_any(rmcy_units units)
    {
        uint64_t halves[2];

        memcpy(halves, &units, sizeof halves);
        return (halves[0] | halves[1]) != 0;
    }

    static CYTHON_UNUSED inline Py_ssize_t rmcy_widen2(const uint16_t *source, WCHAR *target, Py_ssize_t n)
    {
        rmcy_units bad = {0};
        Py_ssize_t i = 0;

        if (n < 8)
            return rmcy_widen2_short(source, target, n);
        for (;;) {
            rmcy_units c;

            memcpy(&c, source + i, sizeof c);
            memcpy(target + i, &c, sizeof c);
            bad |= (rmcy_units)RMCY_BAD(c);
            if (i == n - 8)
                break;
            i = i + 8 < n - 8 ? i + 8 : n - 8;
        }
        return rmcy_any(bad) ? -1 : n;
    }

    /* The length of a text in an array; what is behind its end is read, never behind the array's. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_row_units(const WCHAR *text, Py_ssize_t room)
    {
        Py_ssize_t n = 0;

        for (; n + 8 <= room; n += 8) {
            rmcy_units c;

            memcpy(&c, text + n, sizeof c);
            if (rmcy_any((rmcy_units)(c == 0)))
                break;
        }
        return n + rmcy_length(text + n, room - n);
    }
    #else
    #define rmcy_widen1 rmcy_widen1_short
    #define rmcy_widen2 rmcy_widen2_short
    #define rmcy_row_units rmcy_length
    #endif
    """
    const bint NAMES_ARE_BYTES "RMCY_NAMES_ARE_BYTES"
    void prefetch "rmcy_prefetch"(void *p) noexcept nogil
    WCHAR narrow "rmcy_narrow"(const WCHAR *source, uint8_t *target, Py_ssize_t n) noexcept nogil
    Py_ssize_t units "rmcy_length"(const WCHAR *text, Py_ssize_t limit) noexcept nogil
    Py_ssize_t row_units "rmcy_row_units"(const WCHAR *text, Py_ssize_t room) noexcept nogil
    # Two of the three forms in which a str keeps its text. Each gives the number of
    # units written, or -1 for a NUL or a surrogate that stands for no byte.
    Py_ssize_t widen1 "rmcy_widen1"(const uint8_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil
    Py_ssize_t widen2 "rmcy_widen2"(const uint16_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil


# ASCII is the same in every encoding that is met here, and most names are
# nothing else: for them a new str is filled, which is a third of the time that
# the decoders take.

cdef inline str from_utf16(const WCHAR *text, Py_ssize_t n):
    cdef int order = 1 if PY_BIG_ENDIAN else -1
    made = new_str(n, 127)
    if narrow(text, str_bytes(made), n) < 0x80:
        return made
    # It was not ASCII, and nobody has seen that str. The byte order is given, or a name that begins with
    # U+FEFF would lose it; "surrogatepass" keeps the surrogates that are no pair.
    return PyUnicode_DecodeUTF16(<char *>text, 2 * n, "surrogatepass", &order)


cdef inline str from_row(const WCHAR *text, Py_ssize_t room):
    """A text in an array of fixed size, which ends at a NUL or fills it."""
    return from_utf16(text, row_units(text, room))


cdef inline object from_bytes(const char *name):
    """A name as the system has it; None for NULL."""
    cdef uint8_t every = 0
    cdef Py_ssize_t n, i
    if name is NULL:
        return None
    n = strlen(name)
    for i in range(n):
        every |= <uint8_t>name[i]
    if every >= 0x80:
        return PyUnicode_DecodeFSDefaultAndSize(name, n) if NAMES_ARE_BYTES else (
            # Whatever PYTHONLEGACYWINDOWSFSENCODING says: these are not from Python.
            PyUnicode_DecodeUTF8(name, n, "surrogatepass")
        )
    made = new_str(n, 127)
    memcpy(str_bytes(made), name, n)
    return made


# The third, as these two.
cdef inline Py_ssize_t widen4(const uint32_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil:
    cdef WCHAR *out = target
    cdef uint32_t c
    cdef Py_ssize_t i
    for i in range(n):
        c = source[i]
        if c >= 0x10000:
            out[0] = <WCHAR>(0xD7C0 + (c >> 10))
            out[1] = <WCHAR>(0xDC00 + (c & 0x3FF))
            out += 2
            continue
        if c == 0 or (NAMES_ARE_BYTES and (c & 0xF800) == 0xD800 and (c & 0xFF80) != 0xDC80):
            return -1
        out[0] = <WCHAR>c
        out += 1
    return out - target
