# SPDX-License-Identifier: MIT
from rmcy.restartmanager cimport RM_UNIQUE_PROCESS, UINT


cdef class ProcessArray:
    cdef RM_UNIQUE_PROCESS *items
    cdef bint borrowed
    cdef readonly UINT count


cdef ProcessArray pack_processes(object entries)
