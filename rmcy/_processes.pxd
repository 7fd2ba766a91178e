# SPDX-License-Identifier: MIT
from rmcy._records cimport UniqueProcess
from rmcy.restartmanager cimport DWORD, RM_UNIQUE_PROCESS, UINT


cdef class ProcessArray:
    cdef RM_UNIQUE_PROCESS *items
    cdef bint borrowed
    cdef readonly UINT count


cdef ProcessArray pack_processes(object entries)


cdef inline void pack_process(UniqueProcess process, RM_UNIQUE_PROCESS *target) noexcept:
    target.dwProcessId = process.pid
    target.ProcessStartTime.dwLowDateTime = <DWORD>process.start_time
    target.ProcessStartTime.dwHighDateTime = <DWORD>(process.start_time >> 32)
