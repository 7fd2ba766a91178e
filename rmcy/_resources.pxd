# SPDX-License-Identifier: MIT
from cpython.object cimport PyObject

from rmcy.restartmanager cimport LPCWSTR, RM_UNIQUE_PROCESS, UINT, WCHAR


cdef struct block:
    block *before
    size_t used
    size_t capacity


cdef class TextList:
    cdef block *last
    cdef LPCWSTR *pointers
    cdef readonly UINT count
    cdef bint paths
    cdef str what

    cdef WCHAR *grow(self, size_t needed) except NULL
    cdef WCHAR *room(self, size_t needed) except NULL
    cdef Py_ssize_t add_run(self, PyObject **items, Py_ssize_t n) noexcept
    cdef int add(self, PyObject *entry, Py_ssize_t index) except -1
    cdef int add_text(self, PyObject *text, Py_ssize_t index) except -1
    cdef str plain(self, object entry, Py_ssize_t index)
    cdef object refuse(self, object entry, Py_ssize_t index)
    cdef str name(self, UINT index)


cdef class ProcessArray:
    cdef RM_UNIQUE_PROCESS *items
    cdef bint borrowed
    cdef readonly UINT count


cdef TextList pack_texts(object entries, str what, bint paths)
cdef ProcessArray pack_processes(object entries)
cdef UINT counted(Py_ssize_t count, str what) except? 0xDEAD
cdef str shown(object text)
