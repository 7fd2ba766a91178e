# SPDX-License-Identifier: MIT
"""Names from buffers as UTF-16, checked on the way.

The buffers may be written to by others meanwhile, so what is checked is what
has been written here, and no length or end is read twice.
"""

from libc.stdint cimport uint8_t

from rmcy._text cimport NAMES_ARE_BYTES
from rmcy.restartmanager cimport WCHAR

cdef extern from *:
    """
    /* A byte that is no part of a character: gives the bytes used, none where a name cannot have such a byte. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_escape(uint8_t byte, WCHAR *to)
    {
    #if RMCY_NAMES_ARE_BYTES
        *to = (WCHAR)(0xDC00 + byte);
        return 1;
    #else
        (void)byte, (void)to;
        return 0;
    #endif
    }

    /* Does a character of three bytes stand for a part of a pair?  On Windows a name may have it. */
    #if RMCY_NAMES_ARE_BYTES
    #define RMCY_NO_CHARACTER(c) ((c) >= 0xD800 && (c) <= 0xDFFF)
    #else
    #define RMCY_NO_CHARACTER(c) 0
    #endif

    /* One character that is not ASCII, of well-formed UTF-8, or the lone byte that is no part of one (PEP 383).
     * Gives the bytes used; *ret_units is what was written. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_decode_one(const uint8_t *s, Py_ssize_t left, WCHAR *to,
                                                           Py_ssize_t *ret_units)
    {
        uint32_t c = s[0], least, first = c;
        Py_ssize_t more;

        *ret_units = 1;
        if (c >= 0xC2 && c <= 0xDF) {
            more = 1, least = 0x80, c &= 0x1F;
        } else if (c >= 0xE0 && c <= 0xEF) {
            more = 2, least = 0x800, c &= 0x0F;
        } else if (c >= 0xF0 && c <= 0xF4) {
            more = 3, least = 0x10000, c &= 0x07;
        } else {
            return rmcy_escape((uint8_t)first, to);
        }
        if (more >= left)
            return rmcy_escape((uint8_t)first, to);
        for (Py_ssize_t i = 1; i <= more; i++) {
            uint32_t next = s[i];

            if ((next & 0xC0) != 0x80)
                return rmcy_escape((uint8_t)first, to);
            c = c << 6 | (next & 0x3F);
        }
        if (c < least || c > 0x10FFFF || RMCY_NO_CHARACTER(c))
            return rmcy_escape((uint8_t)first, to);
        if (c >= 0x10000) {
            to[0] = (WCHAR)(0xD7C0 + (c >> 10));
            to[1] = (WCHAR)(0xDC00 + (c & 0x3FF));
            *ret_units = 2;
        } else {
            to[0] = (WCHAR)c;
        }
        return more + 1;
    }

    /* The units written, at most n, or -1 for a NUL and for what is no name. */
    static CYTHON_UNUSED inline Py_ssize_t rmcy_decode(const uint8_t *s, Py_ssize_t n, WCHAR *to)
    {
        Py_ssize_t i = 0, units = 0, used, written;

        while (i < n) {
            uint8_t c = s[i];

            if (c >= 0x80) {
                used = rmcy_decode_one(s + i, n - i, to + units, &written);
                if (!used)
                    return -1;
                i += used;
                units += written;
                continue;
            }
            if (!c)
                return -1;
            to[units++] = c;
            i++;
        }
        return units;
    }

    static CYTHON_UNUSED inline int rmcy_is_ascii(const uint8_t *s, Py_ssize_t n)
    {
        uint8_t every = 0;

        for (Py_ssize_t i = 0; i < n; i++)
            every |= s[i];
        return every < 0x80;
    }

    /* Is there a NUL, or, where names are bytes, a surrogate that is neither one of a pair nor a byte? */
    static CYTHON_UNUSED inline int rmcy_is_bad(const WCHAR *s, Py_ssize_t n)
    {
        uint16_t found = 0;

        for (Py_ssize_t i = 0; i < n; i++)
            found |= (uint16_t)((s[i] == 0) | (RMCY_NAMES_ARE_BYTES & ((s[i] & 0xF800) == 0xD800)));
        if (!found)
            return 0;
        for (Py_ssize_t i = 0; i < n; i++) {
            if (!s[i])
                return 1;
            if (!RMCY_NAMES_ARE_BYTES || (s[i] & 0xF800) != 0xD800 || (s[i] & 0xFF80) == 0xDC80)
                continue;
            if ((s[i] & 0xFC00) == 0xDC00 || i + 1 == n || (s[i + 1] & 0xFC00) != 0xDC00)
                return 1;
            i++;
        }
        return 0;
    }
    """
    Py_ssize_t decode_utf8 "rmcy_decode"(const uint8_t *s, Py_ssize_t n, WCHAR *to) noexcept nogil
    bint is_ascii "rmcy_is_ascii"(const uint8_t *s, Py_ssize_t n) noexcept nogil
    bint is_bad "rmcy_is_bad"(const WCHAR *s, Py_ssize_t n) noexcept nogil
