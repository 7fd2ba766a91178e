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
from rmcy.restartmanager cimport ERROR_BAD_ARGUMENTS, RM_UNIQUE_PROCESS

from rmcy.errors import BadArgumentsError

cdef extern from "Python.h":
    bint is_exactly "Py_IS_TYPE"(PyObject *entry, PyTypeObject *kind)

cdef extern from "pairs.h":
    Py_ssize_t pack_pairs "rmcy_pack_pairs"(
        PyObject **items, Py_ssize_t n, Py_ssize_t count, RM_UNIQUE_PROCESS *target
    ) noexcept


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
    n = 0
    while n < count:
        # __index__ of a number is a caller's code and may have changed the list.
        if sequence_size(entries) != count:
            raise RuntimeError("processes changed while it was read: nothing was registered")
        items = sequence_items(entries)
        while n < count and is_exactly(items[n], <PyTypeObject *>UniqueProcess):
            if n + 8 < count:
                prefetch(items[n + 8])
            pack_process(<UniqueProcess>items[n], &made.items[n])
            n += 1
        n = pack_pairs(items, n, count, made.items)
        if n < count and not is_exactly(items[n], <PyTypeObject *>UniqueProcess):
            pack_process(one_process(<object>items[n], n), &made.items[n])
            n += 1
    return made


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
