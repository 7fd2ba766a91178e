# SPDX-License-Identifier: MIT
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

    cdef WCHAR *room(self, size_t needed) except NULL
    cdef int add(self, object entry, Py_ssize_t index) except -1
    cdef str plain(self, object entry, Py_ssize_t index)
    cdef object refuse(self, object entry, Py_ssize_t index)
    cdef str name(self, UINT index)


cdef class ProcessArray:
    cdef RM_UNIQUE_PROCESS *items
    cdef readonly UINT count


cdef TextList pack_texts(object entries, str what, bint paths)
cdef ProcessArray pack_processes(object entries)
cdef str shown(object text)
