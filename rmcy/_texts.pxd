# SPDX-License-Identifier: MIT
from cpython.object cimport PyObject

from rmcy.restartmanager cimport LPCWSTR, UINT, WCHAR


cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    #define RMCY_LISTS_ARE_SHARED 1
    #else
    #define RMCY_LISTS_ARE_SHARED 0
    #endif
    """
    const bint LISTS_ARE_SHARED "RMCY_LISTS_ARE_SHARED"

# Entries of a list or a tuple, borrowed: valid as long as nothing else runs.
cdef extern from "Python.h":
    PyObject **sequence_items "PySequence_Fast_ITEMS"(object sequence)
    Py_ssize_t sequence_size "PySequence_Fast_GET_SIZE"(object sequence)


cdef struct block:
    block *before
    size_t used
    size_t capacity


cdef class TextList:
    cdef block *last
    cdef LPCWSTR *pointers
    cdef Py_ssize_t places
    cdef readonly UINT count
    cdef bint paths
    cdef str what

    cdef WCHAR *add_block(self, size_t room) except NULL
    cdef int begin(self, Py_ssize_t count) except -1
    cdef void trim_pointers(self) noexcept
    cdef WCHAR *grow(self, size_t needed) except NULL
    cdef int add_pointers(self, Py_ssize_t more) except -1
    cdef WCHAR *room(self, size_t needed) except NULL
    cdef Py_ssize_t add_run(self, PyObject **items, Py_ssize_t n) noexcept
    cdef int add(self, PyObject *entry, Py_ssize_t index) except -1
    cdef int add_text(self, PyObject *text, Py_ssize_t index) except -1
    cdef str plain(self, object entry, Py_ssize_t index)
    cdef object refuse(self, object entry, Py_ssize_t index)
    cdef object refuse_bytes(self, object name, Py_ssize_t index)
    cdef str name(self, UINT index)


cdef TextList no_texts(str what, bint paths)
cdef TextList pack_texts(object entries, str what, bint paths)
cdef TextList in_one_block(TextList texts)
cdef TextList pack_slice(TextList texts, object where)
cdef Py_ssize_t end_of(TextList texts, Py_ssize_t index) noexcept
cdef UINT counted(Py_ssize_t count, str what) except? 0xDEAD
cdef str shown(object text)
cdef str spelt(object name)
