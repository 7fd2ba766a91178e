# SPDX-License-Identifier: MIT
from rmcy._processes cimport ProcessArray
from rmcy._records cimport Registered
from rmcy._texts cimport TextList
from rmcy.restartmanager cimport BYTE, DWORD

# Where there is a GIL, it is the lock: nothing between take() and give() lets it
# go. A lock of its own would be a quarter of what joining costs.
cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    typedef PyMutex rmcy_mutex;
    #define rmcy_take(m) PyMutex_Lock(m)
    #define rmcy_give(m) PyMutex_Unlock(m)
    #else
    typedef struct { char none; } rmcy_mutex;
    #define rmcy_take(m) ((void)(m))
    #define rmcy_give(m) ((void)(m))
    #endif
    #define RMCY_NEW_MUTEX ((rmcy_mutex){0})
    """
    ctypedef struct mutex "rmcy_mutex":
        pass
    const mutex NEW_MUTEX "RMCY_NEW_MUTEX"
    void take "rmcy_take"(mutex *m) noexcept
    void give "rmcy_give"(mutex *m) noexcept


cdef enum State:
    OPEN
    CLOSING
    CLOSED


cdef class Handle:
    cdef DWORD number
    cdef State state
    cdef unsigned long made_after
    cdef Py_ssize_t calls
    cdef mutex lock
    cdef readonly str key

    cdef void open(self, DWORD number) noexcept
    cdef bint is_open(self) noexcept
    cdef int refuse_unusable(self) except -1
    cdef int enter(self) except -1
    cdef void leave(self) noexcept
    cdef int end(self, double seconds) except -1
    cpdef object close(self, double seconds)
    cpdef Registered register(self, object files, object processes, object services, unsigned int flags,
                              double seconds)
    cdef Registered add(self, TextList paths, ProcessArray unique, TextList units, unsigned int flags, double seconds)


cdef Handle opened(DWORD number, str key)
cdef Handle closed_handle(str key, unsigned long made_after)
cdef unsigned long fork_count() noexcept
cpdef Handle join(str key, double seconds)
