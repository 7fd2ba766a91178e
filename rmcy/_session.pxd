# SPDX-License-Identifier: MIT
from rmcy._handle cimport Handle


cdef class SessionBase:
    cdef readonly Handle _handle
    cdef object __weakref__

    cdef Handle mine(self)


cdef class JoinedSession(SessionBase):
    pass


cdef JoinedSession joined(Handle handle)
