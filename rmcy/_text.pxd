# SPDX-License-Identifier: MIT
"""Names between Python, which has str, and the Restart Manager, which has UTF-16 in and bytes out."""

from cpython.unicode cimport PyUnicode_DecodeUTF16
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, strlen

from rmcy.restartmanager cimport WCHAR

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN
    str PyUnicode_DecodeFSDefaultAndSize(const char *name, Py_ssize_t size)
    str new_str "PyUnicode_New"(Py_ssize_t length, Py_UCS4 highest)
    uint8_t *str_bytes "PyUnicode_1BYTE_DATA"(str text)


cdef inline Py_ssize_t units(const WCHAR *text, Py_ssize_t limit) noexcept nogil:
    """Length of a terminated text that has room for `limit` units."""
    cdef Py_ssize_t n = 0
    while n < limit and text[n]:
        n += 1
    return n


# ASCII is the same in every encoding that is met here, and most names are
# nothing else: for them a new str is filled, which is a third of the time that
# the decoders take.

cdef inline str from_utf16(const WCHAR *text, Py_ssize_t n):
    cdef int order = 1 if PY_BIG_ENDIAN else -1
    cdef WCHAR every = 0
    cdef uint8_t *data
    cdef Py_ssize_t i
    for i in range(n):
        every |= text[i]
    if every >= 0x80:
        # The byte order is given, or a name that begins with U+FEFF would lose it.
        # "surrogatepass" keeps what PEP 383 put in: U+DC80 to U+DCFF alone.
        return PyUnicode_DecodeUTF16(<char *>text, 2 * n, "surrogatepass", &order)
    made = new_str(n, 127)
    data = str_bytes(made)
    for i in range(n):
        data[i] = <uint8_t>text[i]
    return made


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
        return PyUnicode_DecodeFSDefaultAndSize(name, n)
    made = new_str(n, 127)
    memcpy(str_bytes(made), name, n)
    return made


cdef extern from *:
    """
    #include <string.h>

    /* The three lines that a str with a path of usual length can lie in. */
    #if defined(__GNUC__)
    #define rmcy_prefetch(p) \\
        (__builtin_prefetch(p), __builtin_prefetch((const char *)(p) + 64), __builtin_prefetch((const char *)(p) + 127))
    #else
    #define rmcy_prefetch(p) ((void)(p))
    #endif

    static inline Py_ssize_t rmcy_widen1_short(const uint8_t *source, WCHAR *target, Py_ssize_t n)
    {
        int zero = 0;

        for (Py_ssize_t i = 0; i < n; i++) {
            target[i] = source[i];
            zero |= !source[i];
        }
        return zero ? -1 : n;
    }

    #if defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 9)
    typedef uint8_t rmcy_bytes __attribute__((vector_size(16)));
    typedef uint16_t rmcy_words __attribute__((vector_size(32)));

    /* Sixteen characters at a time; the last sixteen overlap those before. */
    static inline Py_ssize_t rmcy_widen1(const uint8_t *source, WCHAR *target, Py_ssize_t n)
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
    #else
    #define rmcy_widen1 rmcy_widen1_short
    #endif
    """
    void prefetch "rmcy_prefetch"(void *p) noexcept nogil
    Py_ssize_t widen1 "rmcy_widen1"(const uint8_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil


# The three forms in which a str keeps its text. Each gives the number of units
# written, or -1 for a NUL or a surrogate that stands for no byte.

cdef inline Py_ssize_t widen2(const uint16_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil:
    cdef uint16_t bad = 0
    cdef uint16_t c
    cdef Py_ssize_t i
    for i in range(n):
        c = source[i]
        target[i] = c
        # U+DC80 to U+DCFF are bytes (PEP 383); a str has no pairs, so any other surrogate is alone.
        bad |= <uint16_t>(c == 0) | <uint16_t>(((c & 0xF800) == 0xD800) & ((c & 0xFF80) != 0xDC80))
    return -1 if bad else n


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
        if c == 0 or ((c & 0xF800) == 0xD800 and (c & 0xFF80) != 0xDC80):
            return -1
        out[0] = <WCHAR>c
        out += 1
    return out - target
