# SPDX-License-Identifier: MIT
from libc.stdint cimport uint32_t

from rmcy._account cimport Account, PackedPlan
from rmcy._handle cimport Handle
from rmcy.restartmanager cimport DWORD, ULONG
from rmcy.restartmanager_ext cimport RMX_ACCOUNT, RMX_ITEM, RMX_SHUTDOWN


cdef class Turn:
    cdef object lock
    cdef unsigned long long owner
    cdef Work work


cdef class Taken:
    cdef Turn turn
    cdef double seconds


cdef enum Task:
    SHUT_DOWN
    RESTART
    RECOVER


cdef class Work:
    cdef Task task
    cdef DWORD handle
    cdef ULONG ms
    cdef RMX_SHUTDOWN how
    cdef PackedPlan plan
    cdef bint shielded
    cdef object events
    cdef DWORD code
    cdef RMX_ACCOUNT *account

    cdef void tell(self, uint32_t phase, uint32_t percent, const RMX_ITEM *item) noexcept


cdef class Done:
    cdef readonly Account account
    cdef readonly object error
    cdef readonly tuple raised
