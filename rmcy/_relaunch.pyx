# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""How this process wants to be started again, packed for the Restart Manager."""

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from rmcy._status cimport check
from rmcy.restartmanager cimport DWORD
from rmcy.restartmanager_ext cimport RMX_RELAUNCH, RMX_RELAUNCH_NO_PATCH, RmxRegisterApplicationRestart


cdef const char **point(list texts) except NULL:
    """To the texts, which must outlive it; one pointer more than there are texts."""
    cdef const char **pointers = <const char **>malloc((len(texts) + 1) * sizeof(char *))
    cdef bytes text
    cdef Py_ssize_t i
    if pointers is NULL:
        raise MemoryError
    try:
        for i in range(len(texts)):
            text = texts[i]
            pointers[i] = text
    except BaseException:
        free(pointers)
        raise
    return pointers


def register(list arguments not None, list environment not None, bytes directory, bint no_patch):
    """Register; each text is without a NUL, the directory is absolute or None."""
    cdef RMX_RELAUNCH how
    cdef const char **argument_pointers = NULL
    cdef const char **environment_pointers = NULL
    cdef DWORD code
    # Nobody else has these lists: their texts stay where they are.
    arguments = arguments.copy()
    environment = environment.copy()
    memset(&how, 0, sizeof(how))
    how.size = sizeof(how)
    how.flags = RMX_RELAUNCH_NO_PATCH if no_patch else 0
    how.argument_count = len(arguments)
    how.environment_count = len(environment)
    if directory is not None:
        how.directory = directory
    try:
        argument_pointers = point(arguments)
        environment_pointers = point(environment)
        how.arguments = argument_pointers
        how.environment = environment_pointers
        with nogil:
            code = RmxRegisterApplicationRestart(&how)
    finally:
        free(argument_pointers)
        free(environment_pointers)
    check(code, b"RmxRegisterApplicationRestart")


def unregister():
    """Take it back; nothing happens without a registration."""
    cdef DWORD code
    with nogil:
        code = RmxRegisterApplicationRestart(NULL)
    check(code, b"RmxRegisterApplicationRestart")
