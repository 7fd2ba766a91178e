# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Joining and registering many times in one call: loops in C, for which the interpreter is free.

Every BREATH calls, and after one that had to wait, the clock and signals are
looked at: each time would cost as much as the call.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free, malloc

from rmcy._deadline cimport deadline, left, milliseconds
from rmcy._handle cimport Handle, closed_handle, fork_count
from rmcy._key cimport KEY_UNITS, spell_key
from rmcy._lists cimport packed_paths
from rmcy._registration cimport raise_refused, sort_out
from rmcy._session cimport JoinedSession, joined
from rmcy._texts cimport TextList, pack_texts, sequence_items
from rmcy.restartmanager cimport (
    BYTE, DWORD, ERROR_BAD_ARGUMENTS, ERROR_INVALID_HANDLE, ERROR_SEM_TIMEOUT, ERROR_SUCCESS, LPCWSTR, UINT, ULONG,
    WCHAR,
)
from rmcy.restartmanager_ext cimport (
    ERROR_RETRY, RMX_INTERRUPTIBLE, RMX_TIMEOUT_DEFAULT, RmxEndSession, RmxJoinSession, RmxRegisterResources,
)

import warnings
from array import array

from rmcy.codes import error_for
from rmcy.errors import RestartManagerError

cdef enum:
    BREATH = 256

# A code of its own until the call is made; no function gives it.
cdef DWORD NOT_DONE = 0xFFFFFFFF


cdef inline bint has_left(DWORD code) noexcept nogil:
    # A secondary whose primary is gone has left already.
    return code == ERROR_SUCCESS or code == ERROR_INVALID_HANDLE


@cython.final
cdef class Joins:
    """Sessions that were joined in one call. Until somebody asks for them they are numbers, and nobody else's.

    `open` says which of them somebody must leave still.
    """

    cdef tuple keys
    cdef DWORD *numbers
    cdef DWORD *results
    cdef BYTE *open
    cdef Py_ssize_t count
    cdef Py_ssize_t done
    cdef unsigned long made_after
    cdef bint kept
    cdef tuple made

    def __cinit__(self, tuple keys not None):
        self.keys = keys
        self.count = len(keys)
        self.made_after = fork_count()
        self.numbers = <DWORD *>malloc(self.count * sizeof(DWORD) + 1)
        self.results = <DWORD *>calloc(self.count + 1, sizeof(DWORD))
        self.open = <BYTE *>calloc(self.count + 1, 1)
        if self.numbers is NULL or self.results is NULL or self.open is NULL:
            raise MemoryError("no memory for keys")

    def __dealloc__(self):
        cdef Py_ssize_t n
        if self.made_after == fork_count():
            with nogil:
                for n in range(self.done):
                    if self.open[n]:
                        RmxEndSession(self.numbers[n], 0, RMX_TIMEOUT_DEFAULT)
        free(self.numbers)
        free(self.results)
        free(self.open)

    def __del__(self):
        cdef Py_ssize_t n
        cdef Py_ssize_t forgotten = 0
        if self.kept and self.made_after == fork_count():
            for n in range(self.done):
                forgotten += self.open[n]
            if forgotten:
                try:
                    warnings.warn(f"unclosed: {forgotten} sessions of rmcy.bulk.join()", ResourceWarning, source=self)
                finally:
                    # Whoever records the warning keeps this object alive.
                    self.leave(10.0)

    cdef int run(self, PyObject **keys, int64_t end, ULONG ms) except -1 nogil:
        cdef WCHAR text[KEY_UNITS]
        cdef DWORD code
        while self.done < self.count:
            spell_key(keys[self.done], text)
            code = RmxJoinSession(&self.numbers[self.done], text, RMX_INTERRUPTIBLE, ms)
            if code != ERROR_RETRY:
                self.results[self.done] = code
                self.open[self.done] = code == ERROR_SUCCESS
                self.done += 1
            if code == ERROR_RETRY or self.done % BREATH == 0:
                with gil:
                    PyErr_CheckSignals()
                ms = left(end)
            elif code != ERROR_SUCCESS:
                ms = left(end)
        return 0

    @property
    def codes(self):
        """The result of each call: a read-only buffer of uint32, which does not keep the sessions."""
        return memoryview(PyBytes_FromStringAndSize(
            <char *>self.results, self.count * <Py_ssize_t>sizeof(DWORD)
        )).cast("I")

    @property
    def failed(self):
        """The indices of those that failed."""
        cdef Py_ssize_t n
        return [n for n in range(self.count) if self.results[n] != ERROR_SUCCESS]

    def sessions(self):
        """A session or None for each; from now on they are left by their own close()."""
        cdef Py_ssize_t n
        if self.made is None:
            made = []
            for n in range(self.count):
                if self.results[n] == ERROR_SUCCESS:
                    made.append(joined(closed_handle(self.keys[n], self.made_after)))
                else:
                    made.append(None)
            self.hand_over(tuple(made))
        return self.made

    cdef int hand_over(self, tuple made) except -1:
        # No code of anybody's runs here, so there is one owner, whoever else asked meanwhile.
        cdef Py_ssize_t n
        with cython.critical_section(self):
            if self.made is None:
                for n in range(self.count):
                    if self.open[n]:
                        self.open[n] = 0
                        (<JoinedSession>made[n])._handle.open(self.numbers[n])
                self.made = made
        return 0

    cdef Py_ssize_t claim(self, Py_ssize_t begin, Py_ssize_t *mine) noexcept:
        """Take a batch of those that are open: the indices, and how many."""
        cdef Py_ssize_t n
        cdef Py_ssize_t taken = 0
        with cython.critical_section(self):
            for n in range(begin, min(begin + BREATH, self.done)):
                if self.open[n]:
                    self.open[n] = 0
                    mine[taken] = n
                    taken += 1
        return taken

    def leave(self, double seconds):
        """Leave all that nobody has asked for, each within so many seconds: the errors of those that could not be."""
        cdef Py_ssize_t mine[BREATH]
        cdef Py_ssize_t begin, taken
        cdef Py_ssize_t done = 0
        cdef DWORD code = ERROR_SUCCESS
        cdef int64_t end = 0
        cdef ULONG ms
        errors = []
        if self.made_after != fork_count():
            return errors
        for begin in range(0, self.done, BREATH):
            taken = self.claim(begin, mine)
            done = 0
            try:
                while done < taken:
                    ms = milliseconds(seconds)
                    with nogil:
                        while done < taken:
                            code = RmxEndSession(self.numbers[mine[done]], RMX_INTERRUPTIBLE, ms)
                            if not has_left(code):
                                break
                            done += 1
                    if done == taken:
                        break
                    end = deadline(seconds)
                    while code == ERROR_RETRY:
                        PyErr_CheckSignals()
                        with nogil:
                            code = RmxEndSession(self.numbers[mine[done]], RMX_INTERRUPTIBLE, left(end))
                    if not has_left(code):
                        # It can be left again.
                        self.open[mine[done]] = code == ERROR_SEM_TIMEOUT
                        errors.append(error_for(code, "RmEndSession"))
                    done += 1
            finally:
                while done < taken:
                    self.open[mine[done]] = 1
                    done += 1
        return errors


def join(keys not None, double seconds):
    """Join by each key."""
    cdef int64_t end = deadline(seconds)
    cdef Py_ssize_t n
    cdef Joins joins
    cdef PyObject **items
    given = tuple(keys)
    plain = True
    for n, key in enumerate(given):
        # Before anything is joined, and without showing what may be a key.
        if type(key) is not str:
            if not isinstance(key, str):
                raise TypeError(f"keys[{n}] is of type {type(key).__name__}: a key is a str")
            plain = False
    joins = Joins(given if plain else tuple([str.__str__(key) for key in given]))
    items = sequence_items(joins.keys)
    with nogil:
        joins.run(items, end, milliseconds(seconds))
    joins.kept = True
    return joins


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
    return answers, errors, memoryview(made).toreadonly()
