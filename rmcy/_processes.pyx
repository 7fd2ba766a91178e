# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Processes, packed for the call: an array of RM_UNIQUE_PROCESS, which owns its memory or borrows it of a buffer."""

cimport cython
from cpython.list cimport PyList_CheckExact
from cpython.object cimport PyObject, PyTypeObject
from libc.stdlib cimport free, malloc

from rmcy._records cimport AffectedApp, UniqueProcess
from rmcy._text cimport prefetch
from rmcy._texts cimport LISTS_ARE_SHARED, counted, sequence_items, sequence_size, shown
from rmcy.restartmanager cimport DWORD, ERROR_BAD_ARGUMENTS, RM_UNIQUE_PROCESS

from rmcy.errors import BadArgumentsError

# For borrowed references: counting each up and down would be a fifth of the time.
cdef extern from "Python.h":
    bint is_exactly "Py_IS_TYPE"(PyObject *entry, PyTypeObject *kind)
    bint is_exact_tuple "PyTuple_CheckExact"(PyObject *entry)
    bint is_exact_int "PyLong_CheckExact"(PyObject *number)
    long long long_value "PyLong_AsLongLongAndOverflow"(PyObject *number, int *overflow)


@cython.final
cdef class ProcessArray:
    def __cinit__(self):
        self.items = NULL

    def __dealloc__(self):
        if not self.borrowed:
            free(self.items)


cdef ProcessArray pack_processes(object entries):
    cdef ProcessArray made = ProcessArray.__new__(ProcessArray)
    cdef Py_ssize_t count, n
    cdef PyObject **items
    if not PyList_CheckExact(entries) or LISTS_ARE_SHARED:
        entries = tuple(entries)
    count = sequence_size(entries)
    made.count = counted(count, "processes")
    if not count:
        return made
    made.items = <RM_UNIQUE_PROCESS *>malloc(count * sizeof(RM_UNIQUE_PROCESS))
    if made.items is NULL:
        raise MemoryError("no memory for processes")
    for n in range(count):
        # __index__ of a number is a caller's code and may have changed the list.
        if sequence_size(entries) != count:
            raise RuntimeError("processes changed while it was read: nothing was registered")
        items = sequence_items(entries)
        if n + 8 < count:
            prefetch(items[n + 8])
        if is_exactly(items[n], <PyTypeObject *>UniqueProcess):
            pack_process(<UniqueProcess>items[n], &made.items[n])
        elif not pack_pair(items[n], &made.items[n]):
            pack_process(one_process(<object>items[n], n), &made.items[n])
    return made


cdef inline bint pack_pair(PyObject *entry, RM_UNIQUE_PROCESS *target) except -1:
    """Pack a plain tuple of two plain numbers that fit; False for anything else. No code of the caller runs."""
    cdef int pid_overflow = 0
    cdef int start_overflow = 0
    cdef long long pid, start
    cdef PyObject **pair
    if not is_exact_tuple(entry) or sequence_size(<object>entry) != 2:
        return False
    pair = sequence_items(<object>entry)
    if not is_exact_int(pair[0]) or not is_exact_int(pair[1]):
        return False
    pid = long_value(pair[0], &pid_overflow)
    start = long_value(pair[1], &start_overflow)
    if pid_overflow or start_overflow or not 0 <= pid <= 0xFFFFFFFFU or start < 0:
        return False
    target.dwProcessId = <DWORD>pid
    target.ProcessStartTime.dwLowDateTime = <DWORD>start
    target.ProcessStartTime.dwHighDateTime = <DWORD>(start >> 32)
    return True


cdef UniqueProcess one_process(object entry, Py_ssize_t index):
    if isinstance(entry, UniqueProcess):
        return entry
    # Without a process: made by __new__ alone.
    if isinstance(entry, AffectedApp) and (<AffectedApp>entry).process is not None:
        return (<AffectedApp>entry).process
    if not (isinstance(entry, tuple) and len(entry) == 2):
        raise TypeError(
            f"processes[{index}] is {shown(entry)}, of type {type(entry).__name__}: a process is a UniqueProcess, "
            "an AffectedApp or a tuple (pid, start_time), since a pid alone may be another process tomorrow; "
            "UniqueProcess.from_pid() looks the start time up"
        )
    try:
        return UniqueProcess(*entry)
    except ValueError as error:
        raise BadArgumentsError(
            ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"nothing was registered: processes[{index}]: {error}"
        ) from None
    except TypeError as error:
        raise TypeError(f"processes[{index}]: {error}") from None
