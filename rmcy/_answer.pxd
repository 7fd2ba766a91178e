# SPDX-License-Identifier: MIT
from libc.stdint cimport uint32_t

from rmcy._records cimport AffectedApp
from rmcy.restartmanager cimport RM_PROCESS_INFO
from rmcy.restartmanager_ext cimport RMX_LIST


cdef class Programs:
    cdef RMX_LIST *source
    cdef RM_PROCESS_INFO *own
    cdef Py_ssize_t count
    cdef list made
    cdef list files
    cdef Py_ssize_t strides[1]

    cdef str file(self, uint32_t index)
    cdef AffectedApp program(self, Py_ssize_t n)
    cdef const RM_PROCESS_INFO *rows(self) except? NULL


cdef class Rows:
    cdef public Programs _programs


cdef class Answer:
    cdef readonly Programs programs
    cdef readonly bint complete
    cdef readonly uint32_t reboot_reasons
    cdef readonly tuple missing
    cdef readonly tuple directories
    cdef readonly tuple skips
    cdef readonly tuple counts
    cdef readonly str scanner


cdef Answer decode_take(RMX_LIST **source)
