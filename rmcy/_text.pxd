# SPDX-License-Identifier: MIT
"""Names between Python, which has str, and the Restart Manager, which has UTF-16 in and bytes out.

Elsewhere a name is bytes, and what is no UTF-8 of them is a surrogate each, in
a str and in UTF-16 (PEP 383).  On Windows it is UTF-16 that need not be
well-formed: every surrogate goes through, and its bytes are UTF-8 with three of
them for a lone surrogate.  So Python has it there, too (PEP 529).
"""

from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8, PyUnicode_DecodeUTF16
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, strlen

from rmcy.restartmanager cimport LPCWSTR, WCHAR

cdef extern from "Python.h":
    const int PY_BIG_ENDIAN
    str PyUnicode_DecodeFSDefaultAndSize(const char *name, Py_ssize_t size)
    str new_str "PyUnicode_New"(Py_ssize_t length, Py_UCS4 highest)
    uint8_t *str_bytes "PyUnicode_1BYTE_DATA"(str text)


cdef extern from "widen.h":
    const bint NAMES_ARE_BYTES "RMCY_NAMES_ARE_BYTES"
    void prefetch "rmcy_prefetch"(void *p) noexcept nogil
    void prefetch_line "rmcy_prefetch_line"(const void *p) noexcept nogil
    # The three forms in which a str keeps its text.
    Py_ssize_t widen1 "rmcy_widen1"(const uint8_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil
    Py_ssize_t widen2 "rmcy_widen2"(const uint16_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil
    Py_ssize_t widen4 "rmcy_widen4"(const uint32_t *source, WCHAR *target, Py_ssize_t n) noexcept nogil

    cdef struct run "rmcy_run":
        PyObject **items
        Py_ssize_t begin
        Py_ssize_t count
        WCHAR *target
        WCHAR *end
        LPCWSTR *pointers

    Py_ssize_t write_run "rmcy_run"(run *what) noexcept


cdef extern from *:
    """
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

    #if defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 9)
    /* The length of a text in an array; what is behind its end is read, never behind the array's. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_row_units(const WCHAR *text, Py_ssize_t room)
    {
        typedef WCHAR eight __attribute__((vector_size(16)));
        Py_ssize_t n = 0;

        for (; n + 8 <= room; n += 8) {
            eight c;

            memcpy(&c, text + n, sizeof c);
            if (rmcy_any((rmcy_bytes16)(c == 0)))
                break;
        }
        return n + rmcy_length(text + n, room - n);
    }
    #else
    #define rmcy_row_units rmcy_length
    #endif
    """
    WCHAR narrow "rmcy_narrow"(const WCHAR *source, uint8_t *target, Py_ssize_t n) noexcept nogil
    Py_ssize_t units "rmcy_length"(const WCHAR *text, Py_ssize_t limit) noexcept nogil
    Py_ssize_t row_units "rmcy_row_units"(const WCHAR *text, Py_ssize_t room) noexcept nogil


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
