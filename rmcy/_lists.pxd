# SPDX-License-Identifier: MIT
from rmcy._processes cimport ProcessArray
from rmcy._texts cimport TextList


cdef class PathList:
    cdef TextList texts
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]

    cdef Py_ssize_t find(self, object path, Py_ssize_t start, Py_ssize_t stop) except -2


cdef class ProcessList:
    cdef ProcessArray processes
    cdef object source
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]


cdef TextList packed_paths(object files)
cdef ProcessArray packed_processes(object processes)
