# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""The one place where a result of the Restart Manager becomes an exception."""

from rmcy.codes import error_for
from rmcy.restartmanager cimport DWORD, ERROR_SUCCESS


cdef int check(DWORD code, const char *function) except -1 nogil:
    if code == ERROR_SUCCESS:
        return 0
    with gil:
        raise error_for(code, function.decode("ascii"))
