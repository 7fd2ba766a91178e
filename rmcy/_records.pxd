# SPDX-License-Identifier: MIT
from libc.stdint cimport uint32_t, uint64_t

from rmcy.restartmanager cimport RM_PROCESS_INFO, RM_UNIQUE_PROCESS
from rmcy.restartmanager_ext cimport RMX_APP, RMX_USE


cdef class UniqueProcess:
    cdef readonly uint32_t pid
    cdef readonly uint64_t start_time


cdef class FileUse:
    cdef readonly str path
    cdef readonly object kind
    cdef readonly bint deleted
    cdef readonly uint64_t device
    cdef readonly uint64_t inode

    cdef tuple key(self)


cdef class AffectedApp:
    cdef readonly UniqueProcess process
    cdef readonly str name
    cdef readonly str exe
    cdef readonly object uid
    cdef readonly str service
    cdef readonly object service_manager_uid
    cdef readonly object type
    cdef readonly object status
    cdef readonly object ts_session_id
    cdef readonly bint restartable
    cdef readonly tuple uses

    cdef tuple key(self)


cdef class Registered:
    cdef readonly uint32_t files
    cdef readonly uint32_t processes
    cdef readonly uint32_t services
    cdef readonly tuple missing
    cdef readonly tuple denied
    cdef readonly tuple skipped

    cdef tuple key(self)


cdef UniqueProcess unique_process(const RM_UNIQUE_PROCESS *process)
cdef uint64_t unsigned(object value, str what, uint64_t limit) except? 0xDEAD
cdef object member(object kind, dict known, uint32_t value)
cdef FileUse file_use(const RMX_USE *use, str path)
cdef Registered registered(uint32_t files, uint32_t processes, uint32_t services)
cdef Registered registered_anew(uint32_t files, uint32_t processes, uint32_t services)
cdef AffectedApp affected_app(const RM_PROCESS_INFO *row, const RMX_APP *app, tuple uses)
