# SPDX-License-Identifier: MIT
"""A key, as RmJoinSession takes it."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from rmcy._text cimport widen1
from rmcy.restartmanager cimport CCH_RM_SESSION_KEY, WCHAR

cdef enum:
    KEY_UNITS = 33  # CCH_RM_SESSION_KEY + 1

# For borrowed references to what somebody keeps, which can be read without the interpreter.
cdef extern from "Python.h":
    bint str_is_ascii "PyUnicode_IS_ASCII"(PyObject *text) noexcept nogil
    Py_ssize_t str_length "PyUnicode_GET_LENGTH"(PyObject *text) noexcept nogil
    void *str_data "PyUnicode_DATA"(PyObject *text) noexcept nogil


cdef inline void spell_key(PyObject *key, WCHAR *text) noexcept nogil:
    """What can be no key becomes one that no session has, so that a NUL inside does not end the text."""
    cdef Py_ssize_t length = str_length(key)
    if length > CCH_RM_SESSION_KEY or not str_is_ascii(key) or (
        widen1(<const uint8_t *>str_data(key), text, length) < length
    ):
        text[0] = 63
        length = 1
    text[length] = 0
