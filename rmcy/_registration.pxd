# SPDX-License-Identifier: MIT
from rmcy._records cimport Registered
from rmcy._texts cimport TextList
from rmcy.restartmanager cimport BYTE, DWORD, UINT


cdef Registered sort_out(TextList paths, const BYTE *states, unsigned int flags, UINT processes, UINT services)
cdef int raise_refused(DWORD code, UINT bad, TextList paths, TextList services) except -1
cdef int raise_directories(tuple directories) except -1
