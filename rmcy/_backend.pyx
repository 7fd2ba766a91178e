# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""What the loaded Restart Manager says of itself."""

from rmcy._status cimport check
from rmcy._text cimport from_bytes
from rmcy.restartmanager_ext cimport RMX_INFO, RmxGetInfo

cdef extern from *:
    """
    #ifdef _WIN32
    static const char *rmcy_library(void) { return NULL; } /* the system's own */
    #else
    #include <dlfcn.h>
    static const char *rmcy_library(void)
    {
        Dl_info info;
        return dladdr((void *)&RmxGetInfo, &info) ? info.dli_fname : NULL;
    }
    #endif
    """
    const char *rmcy_library()
    const char *RMCY_VERSION

VERSION = RMCY_VERSION.decode("ascii")


def info():
    """(backend, version, library, scanners, scanner, store, session limit)"""
    cdef const RMX_INFO *found = NULL
    check(RmxGetInfo(&found), b"RmxGetInfo")
    cdef const char *library = rmcy_library()
    return (
        found.backend.decode("utf-8"), found.version.decode("utf-8"),
        from_bytes(library),
        found.scanners.decode("utf-8"), found.scanner.decode("utf-8"), from_bytes(found.store),
        found.session_limit,
    )
