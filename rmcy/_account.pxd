# SPDX-License-Identifier: MIT
from libc.stdint cimport uint32_t

from rmcy.restartmanager cimport RM_UNIQUE_PROCESS
from rmcy.restartmanager_ext cimport RMX_ACCOUNT, RMX_ITEM


cdef class Account:
    cdef readonly tuple items
    cdef readonly object phase
    cdef readonly bint complete
    cdef readonly uint32_t reboot_reasons


cdef class PackedPlan:
    cdef RMX_ACCOUNT account
    cdef RMX_ITEM *items
    cdef RM_UNIQUE_PROCESS *processes
    cdef list texts

    cdef const char *keep(self, str text) except? NULL


cdef Account decode_take(RMX_ACCOUNT **taken, bint planned)
cdef PackedPlan pack_plan(tuple steps)
cdef object progress(uint32_t phase, uint32_t percent, const RMX_ITEM *item)
