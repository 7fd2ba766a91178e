# SPDX-License-Identifier: MIT
"""The time that one call may take, over as many tries as signals make of it.

Plain numbers, and the clock that is read without asking the hardware: joining
is meant to cost no more than the call.  It ticks every few milliseconds, which
is what its times may be wrong by, either way; time-outs are seconds.
"""

from libc.stdint cimport int64_t

from rmcy.restartmanager cimport ULONG
from rmcy.restartmanager_ext cimport RMX_TIMEOUT_NONE

cdef extern from *:
    """
    #ifdef _WIN32
    static CYTHON_UNUSED inline int64_t rmcy_ticks(void)
    {
        return (int64_t)GetTickCount64() * 1000000;
    }
    #else
    #include <time.h>
    #ifdef CLOCK_MONOTONIC_COARSE
    #define RMCY_CLOCK CLOCK_MONOTONIC_COARSE
    #else
    #define RMCY_CLOCK CLOCK_MONOTONIC
    #endif

    static CYTHON_UNUSED inline int64_t rmcy_ticks(void)
    {
        struct timespec now;

        clock_gettime(RMCY_CLOCK, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    }
    #endif
    """
    int64_t ticks "rmcy_ticks"() noexcept nogil

cdef enum:
    SO_LONG = 4_000_000  # seconds; from here on nobody waits to see it end


cdef inline int64_t deadline(double seconds) noexcept nogil:
    """When it ends, in nanoseconds; 0 for never."""
    return 0 if seconds > SO_LONG else ticks() + <int64_t>(seconds * 1e9)


cdef inline ULONG milliseconds(double seconds) noexcept nogil:
    """Rounded up: a time-out that is not zero does not become zero."""
    cdef double ms = seconds * 1000
    if seconds > SO_LONG:
        return RMX_TIMEOUT_NONE
    return <ULONG>ms + (<double><ULONG>ms < ms)


cdef inline ULONG left(int64_t end) noexcept nogil:
    """Milliseconds until then, rounded up."""
    cdef int64_t ns
    if end == 0:
        return RMX_TIMEOUT_NONE
    ns = end - ticks()
    return <ULONG>((ns + 999_999) // 1_000_000) if ns > 0 else 0
