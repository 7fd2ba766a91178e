# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""What is registered, packed for the call: texts as UTF-16 in one arena with a pointer each, processes as an array.

The packed lists own all memory that the call reads, so the interpreter is free
while the call runs and nothing that happens to the caller's lists can reach it.
"""

cimport cython
from cpython.list cimport PyList_CheckExact
from cpython.object cimport PyObject, PyTypeObject
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc

from rmcy._records cimport AffectedApp, UniqueProcess
from rmcy._text cimport from_utf16, prefetch, units, widen1, widen2, widen4
from rmcy.restartmanager cimport DWORD, ERROR_BAD_ARGUMENTS, LPCWSTR, RM_UNIQUE_PROCESS, UINT, WCHAR

import os
import sys

from rmcy.errors import BadArgumentsError

cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    #define RMCY_LISTS_ARE_SHARED 1
    #else
    #define RMCY_LISTS_ARE_SHARED 0
    #endif
    """
    const bint RMCY_LISTS_ARE_SHARED

# The same macros that cpython.unicode has, for borrowed references: counting
# each reference up and down would be a fifth of the time.
cdef extern from "Python.h":
    bint is_exact_str "PyUnicode_CheckExact"(PyObject *text)
    Py_ssize_t str_length "PyUnicode_GET_LENGTH"(PyObject *text)
    unsigned int str_kind "PyUnicode_KIND"(PyObject *text)
    void *str_data "PyUnicode_DATA"(PyObject *text)
    bint is_exactly "Py_IS_TYPE"(PyObject *entry, PyTypeObject *kind)
    bint is_exact_tuple "PyTuple_CheckExact"(PyObject *entry)
    bint is_exact_int "PyLong_CheckExact"(PyObject *number)
    long long long_value "PyLong_AsLongLongAndOverflow"(PyObject *number, int *overflow)
    PyObject **sequence_items "PySequence_Fast_ITEMS"(object sequence)
    Py_ssize_t sequence_size "PySequence_Fast_GET_SIZE"(object sequence)

# What a path is long, about: the size of the first block.
cdef enum:
    USUAL_LENGTH = 64

# Where the file system's encoding is another one, a str is not what the name's UTF-8 bytes spell.
cdef bint NAMES_ARE_UTF8 = sys.getfilesystemencoding().lower().replace("_", "-") in ("utf-8", "utf8")


cdef str shown(object text):
    """A repr for an error message, cut where it gets long."""
    if isinstance(text, (str, bytes)) and len(text) > 80:
        return f"{text[:80]!r}... ({len(text)} characters)"
    return repr(text)


@cython.final
cdef class TextList:
    def __cinit__(self):
        self.last = NULL
        self.pointers = NULL

    def __dealloc__(self):
        cdef block *b = self.last
        cdef block *before
        while b is not NULL:
            before = b.before
            free(b)
            b = before
        free(self.pointers)

    cdef WCHAR *grow(self, size_t needed) except NULL:
        """Begin a larger block. The full one is kept, so nothing moves."""
        cdef block *b = self.last
        cdef size_t capacity = <size_t>self.count * USUAL_LENGTH if b is NULL else 2 * b.capacity
        capacity = needed if capacity < needed else capacity
        b = <block *>malloc(sizeof(block) + capacity * sizeof(WCHAR))
        if b is NULL:
            raise MemoryError(f"no memory for {self.what}")
        b.before = self.last
        b.used = 0
        b.capacity = capacity
        self.last = b
        return <WCHAR *>(b + 1)

    cdef inline WCHAR *room(self, size_t needed) except NULL:
        cdef block *b = self.last
        if b is NULL or b.capacity - b.used < needed:
            return self.grow(needed)
        return <WCHAR *>(b + 1) + b.used

    cdef Py_ssize_t add_run(self, PyObject **items, Py_ssize_t n) noexcept:
        """Pack from entry `n` on as long as all is plain: the index of the first that add() must see, or the count.

        No code of the caller runs here. Everything is kept in registers, which
        is half of the time for a path of usual length.
        """
        cdef block *b = self.last
        cdef WCHAR *target
        cdef WCHAR *end
        cdef LPCWSTR *pointers = self.pointers
        cdef Py_ssize_t count = self.count
        cdef Py_ssize_t length, written
        cdef PyObject *text
        if b is NULL or not (NAMES_ARE_UTF8 or not self.paths):
            return n
        target = <WCHAR *>(b + 1) + b.used
        end = <WCHAR *>(b + 1) + b.capacity
        while n < count:
            if n + 8 < count:
                prefetch(items[n + 8])
            text = items[n]
            if not is_exact_str(text):
                break
            length = str_length(text)
            if length >= end - target:
                break
            if str_kind(text) == 1:
                written = widen1(<const uint8_t *>str_data(text), target, length)
            elif str_kind(text) == 2:
                written = widen2(<const uint16_t *>str_data(text), target, length)
            elif 2 * length < end - target:
                written = widen4(<const uint32_t *>str_data(text), target, length)
            else:
                break
            if written <= 0:
                break
            target[written] = 0
            pointers[n] = target
            target += written + 1
            n += 1
        b.used = target - <WCHAR *>(b + 1)
        return n

    cdef int add(self, PyObject *entry, Py_ssize_t index) except -1:
        """Pack one entry; `entry` is borrowed."""
        if is_exact_str(entry) and (NAMES_ARE_UTF8 or not self.paths):
            return self.add_text(entry, index)
        # Code of the caller may run here, and the list may lose the entry meanwhile.
        kept = <object>entry
        text = self.plain(kept, index)
        return self.add_text(<PyObject *>text, index)

    cdef inline int add_text(self, PyObject *text, Py_ssize_t index) except -1:
        cdef Py_ssize_t length = str_length(text)
        cdef unsigned int kind = str_kind(text)
        cdef WCHAR *target = self.room(<size_t>(2 * length if kind == 4 else length) + 1)
        cdef Py_ssize_t written
        if kind == 1:
            written = widen1(<const uint8_t *>str_data(text), target, length)
        elif kind == 2:
            written = widen2(<const uint16_t *>str_data(text), target, length)
        else:
            written = widen4(<const uint32_t *>str_data(text), target, length)
        if written <= 0:
            self.refuse(<object>text, index)
        target[written] = 0
        self.last.used += written + 1
        self.pointers[index] = target
        return 0

    cdef str plain(self, object entry, Py_ssize_t index):
        """The exact str for an entry of another type, spelt as the name's UTF-8 bytes are."""
        cdef object path = entry
        if self.paths:
            if not isinstance(path, (str, bytes)) and hasattr(type(path), "__fspath__"):
                path = os.fspath(path)
            if isinstance(path, str) and not NAMES_ARE_UTF8:
                path = os.fsencode(path)
            if isinstance(path, bytes):
                return path.decode("utf-8", "surrogateescape")
        if isinstance(path, str):
            return str.__str__(path)
        takes = "a path is a str, bytes or os.PathLike" if self.paths else "a service is named by a str"
        raise TypeError(f"{self.what}[{index}] is {shown(entry)}, of type {type(entry).__name__}: {takes}")

    cdef object refuse(self, object text, Py_ssize_t index):
        where = f"{self.what}[{index}] is {shown(text)}"
        if not text:
            reason = f"{self.what}[{index}] is an empty string: leave it out"
        elif "\0" in text:
            reason = f"{where}, with a NUL character in it: no name has one"
        else:
            reason = (
                f"{where}, with an unpaired surrogate in it that stands for no byte: "
                "pass the name as bytes, or as os.fsdecode() gives it"
            )
        raise BadArgumentsError(ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"nothing was registered: {reason}")

    cdef str name(self, UINT index):
        cdef LPCWSTR text = self.pointers[index]
        spelt = from_utf16(text, units(text, 0x7FFFFFFF))
        return spelt if NAMES_ARE_UTF8 or not self.paths else os.fsdecode(spelt.encode("utf-8", "surrogateescape"))


cdef UINT counted(Py_ssize_t count, str what) except? 0xDEAD:
    if count >= 0xFFFFFFFF:
        raise BadArgumentsError(
            ERROR_BAD_ARGUMENTS, "RmRegisterResources", f"too many {what} for one call: {count}",
            advice="Register them in several calls.",
        )
    return count


cdef TextList pack_texts(object entries, str what, bint paths):
    """Pack a list or a tuple. What is in it when its turn comes is what is packed."""
    cdef TextList made = TextList.__new__(TextList)
    cdef Py_ssize_t count = len(entries)
    cdef Py_ssize_t n = 0
    cdef PyObject **items
    made.what = what
    made.paths = paths
    made.count = counted(count, what)
    if not count:
        return made
    made.pointers = <LPCWSTR *>malloc(count * sizeof(LPCWSTR))
    if made.pointers is NULL:
        raise MemoryError(f"no memory for {what}")
    if PyList_CheckExact(entries) and RMCY_LISTS_ARE_SHARED:
        entries = tuple(entries)
    while n < count:
        # __fspath__ of an entry is a caller's code and may have changed the list.
        if sequence_size(entries) != count:
            raise RuntimeError(f"{what} changed while it was read: nothing was registered")
        items = sequence_items(entries)
        n = made.add_run(items, n)
        if n < count:
            made.add(items[n], n)
            n += 1
    return made


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
    if not PyList_CheckExact(entries) or RMCY_LISTS_ARE_SHARED:
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


cdef inline void pack_process(UniqueProcess process, RM_UNIQUE_PROCESS *target) noexcept:
    target.dwProcessId = process.pid
    target.ProcessStartTime.dwLowDateTime = <DWORD>process.start_time
    target.ProcessStartTime.dwHighDateTime = <DWORD>(process.start_time >> 32)


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
