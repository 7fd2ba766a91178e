# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Joining and registering many times in one call: loops in C, for which the interpreter is free.

Every BREATH calls, and after one that had to wait, the clock and signals are
looked at: each time would cost as much as the call.
"""

cimport cython
from cpython.exc cimport PyErr_CheckSignals
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free, malloc

from rmcy._lists cimport packed_paths
from rmcy._registration cimport raise_refused, sort_out
from rmcy._session cimport Handle, deadline, left, milliseconds, opened
from rmcy._texts cimport TextList, pack_texts
from rmcy.restartmanager cimport BYTE, DWORD, ERROR_BAD_ARGUMENTS, ERROR_SUCCESS, LPCWSTR, UINT, ULONG, WCHAR
from rmcy.restartmanager_ext cimport (
    ERROR_RETRY, RMX_INTERRUPTIBLE, RMX_TIMEOUT_DEFAULT, RmxEndSession, RmxJoinSession, RmxRegisterResources,
)

from array import array

from rmcy.errors import RestartManagerError

cdef enum:
    KEY_UNITS = 33  # CCH_RM_SESSION_KEY + 1
    BREATH = 256

# A code of its own until the call is made; no function gives it.
cdef DWORD NOT_DONE = 0xFFFFFFFF


cdef object view_of(object codes):
    return memoryview(codes).toreadonly()


@cython.final
@cython.internal
cdef class Joins:
    """Handles on their way to an owner: whichever has none yet is ended with this."""

    cdef WCHAR *keys
    cdef DWORD *numbers
    cdef DWORD *codes
    cdef Py_ssize_t owned
    cdef Py_ssize_t done
    cdef Py_ssize_t count

    def __cinit__(self, Py_ssize_t count):
        self.count = count
        self.keys = <WCHAR *>malloc(count * KEY_UNITS * sizeof(WCHAR) + 1)
        self.numbers = <DWORD *>malloc(count * sizeof(DWORD) + 1)
        self.codes = <DWORD *>malloc(count * sizeof(DWORD) + 1)
        if self.keys is NULL or self.numbers is NULL or self.codes is NULL:
            raise MemoryError("no memory for keys")

    def __dealloc__(self):
        with nogil:
            while self.owned < self.done:
                if self.codes[self.owned] == ERROR_SUCCESS:
                    RmxEndSession(self.numbers[self.owned], 0, RMX_TIMEOUT_DEFAULT)
                self.owned += 1
        free(self.keys)
        free(self.numbers)
        free(self.codes)

    cdef int run(self, int64_t end, ULONG ms) except -1 nogil:
        cdef DWORD code
        while self.done < self.count:
            code = RmxJoinSession(&self.numbers[self.done], self.keys + self.done * KEY_UNITS, RMX_INTERRUPTIBLE, ms)
            if code != ERROR_RETRY:
                self.codes[self.done] = code
                self.done += 1
            if code == ERROR_RETRY or self.done % BREATH == 0:
                with gil:
                    PyErr_CheckSignals()
                ms = left(end)
            elif code != ERROR_SUCCESS:
                ms = left(end)
        return 0


cdef inline str plain(object key):
    """A str of no subclass; that nearly every key is one already is seen without a call."""
    return key if type(key) is str else str.__str__(key)


cdef void pack_key(str key, WCHAR *text) noexcept:
    cdef unsigned int kind = PyUnicode_KIND(key)
    cdef void *data = PyUnicode_DATA(key)
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(key)
    cdef Py_ssize_t n
    cdef Py_UCS4 c
    # What no key has becomes "?", and so does a text that is too long.
    if length >= KEY_UNITS:
        length = 1
        kind, data = 1, b"?"
    for n in range(length):
        c = PyUnicode_READ(kind, data, n)
        text[n] = <WCHAR>c if 0 < c < 128 else 63
    text[length] = 0


def join(list keys not None, double seconds):
    """Join by each key: a Handle or None for each, and the codes."""
    cdef int64_t end = deadline(seconds)
    cdef Joins joins = Joins(len(keys))
    cdef Py_ssize_t n
    for n in range(joins.count):
        # Before anything is joined, and without showing what may be a key.
        if not isinstance(keys[n], str):
            raise TypeError(f"keys[{n}] is of type {type(keys[n]).__name__}: a key is a str")
        pack_key(plain(keys[n]), joins.keys + n * KEY_UNITS)
    with nogil:
        joins.run(end, milliseconds(seconds))
    codes = array("I", bytes(4 * joins.count))
    handles = [None] * joins.count
    for n in range(joins.count):
        codes[n] = joins.codes[n]
        if joins.codes[n] == ERROR_SUCCESS:
            handles[n] = opened(joins.numbers[n], plain(keys[n]))
        joins.owned = n + 1
    return handles, view_of(codes)


cdef struct Item:
    DWORD number
    UINT count
    LPCWSTR *paths
    BYTE *states
    UINT bad
    DWORD code


@cython.final
@cython.internal
cdef class Registrations:
    """What is registered by one loop. A session that was entered is left with this."""

    cdef Item *items
    cdef BYTE *states
    cdef Py_ssize_t count
    cdef list entered
    cdef list packed

    def __cinit__(self, Py_ssize_t count):
        self.count = count
        self.entered = []
        self.packed = []
        self.items = <Item *>calloc(count + 1, sizeof(Item))
        if self.items is NULL:
            raise MemoryError("no memory for pairs")

    def __dealloc__(self):
        free(self.items)
        free(self.states)

    cdef int run(self, DWORD flags, int64_t end, ULONG ms) except -1 nogil:
        cdef Item *item
        cdef DWORD code
        cdef Py_ssize_t n = 0
        while n < self.count:
            item = &self.items[n]
            code = item.code
            if code == NOT_DONE:
                code = RmxRegisterResources(item.number, item.count, item.paths, 0, NULL, 0, NULL,
                                            flags | RMX_INTERRUPTIBLE, ms, item.states, &item.bad)
            if code != ERROR_RETRY:
                item.code = code
                n += 1
            if code == ERROR_RETRY or n % BREATH == 0:
                with gil:
                    PyErr_CheckSignals()
                ms = left(end)
            elif code != ERROR_SUCCESS:
                ms = left(end)
        return 0

    cdef int leave(self) except -1:
        while self.entered:
            (<Handle>self.entered.pop()).leave()
        return 0


cdef object pack_pairs(Registrations work, list handles, list files, dict errors):
    cdef Py_ssize_t n
    cdef size_t room = 0
    cdef TextList texts
    for n in range(work.count):
        work.items[n].code = ERROR_BAD_ARGUMENTS
        texts = None
        try:
            if handles[n] is not None:
                texts = packed_paths(files[n])
        except RestartManagerError as error:
            errors[n] = error
        work.packed.append(texts)
        if texts is not None:
            work.items[n].count = texts.count
            work.items[n].paths = texts.pointers
            room += texts.count
    work.states = <BYTE *>calloc(room + 1, 1)
    if work.states is NULL:
        raise MemoryError("no memory for pairs")
    room = 0
    for n in range(work.count):
        if work.packed[n] is None:
            continue
        try:
            (<Handle?>handles[n]).enter()
        except RestartManagerError as error:
            errors[n] = error
            work.items[n].code = error.code
            continue
        work.entered.append(handles[n])
        work.items[n].number = (<Handle>handles[n]).number
        work.items[n].states = work.states + room
        room += work.items[n].count
        work.items[n].code = NOT_DONE


def register(list handles not None, list files not None, list codes not None, unsigned int flags, double seconds):
    """Register each list of files in the session beside it.

    None for a session leaves the pair out, and its code is the one in
    `codes`.  Gives what `Handle.register` does, or None, for each, the errors
    by index, and the codes.
    """
    cdef int64_t end = deadline(seconds)
    cdef Registrations work = Registrations(len(handles))
    cdef TextList none = pack_texts((), "services", False)
    cdef Item *item
    cdef Py_ssize_t n
    errors = {}
    answers = [None] * work.count
    made = array("I", bytes(4 * work.count))
    try:
        pack_pairs(work, handles, files, errors)
        with nogil:
            work.run(flags, end, milliseconds(seconds))
    finally:
        work.leave()
    for n in range(work.count):
        item = &work.items[n]
        made[n] = item.code if handles[n] is not None else codes[n]
        if handles[n] is None or n in errors:
            continue
        if item.code == ERROR_SUCCESS:
            answers[n] = sort_out(work.packed[n], item.states, flags, 0, 0)
            continue
        try:
            raise_refused(item.code, item.bad, work.packed[n], none)
        except RestartManagerError as error:
            errors[n] = error
    return answers, errors, view_of(made)
