# SPDX-License-Identifier: MIT
from rmcy.restartmanager cimport DWORD


cdef int check(DWORD code, const char *function) except -1 nogil
