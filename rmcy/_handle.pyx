# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""One session handle of the Restart Manager, of either role.

Threads: the lock covers the state only and is never held during a call that
may wait.  A call in progress keeps the session alive; who closes meanwhile
leaves it to the last call to end it, since the number of an ended handle may
be given to another session at once.

Forks: a handle belongs to the process that made it.  In a child every use is
refused and close() does nothing.
"""

cimport cython
from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from rmcy._answer cimport Answer, decode_take
from rmcy._deadline cimport deadline, left, milliseconds
from rmcy._key cimport KEY_UNITS, spell_key
from rmcy._lists cimport packed_paths, packed_processes
from rmcy._processes cimport ProcessArray
from rmcy._records cimport Registered
from rmcy._registration cimport raise_directories, raise_refused, sort_out
from rmcy._status cimport check
from rmcy._texts cimport TextList, pack_texts, sequence_size
from rmcy.restartmanager cimport (
    BYTE, CCH_RM_SESSION_KEY, DWORD, ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_SEM_TIMEOUT, ERROR_SUCCESS, UINT,
    ULONG, WCHAR,
)
from rmcy.restartmanager_ext cimport (
    ERROR_RETRY, RMX_GET_MINE, RMX_INTERRUPTIBLE, RMX_LIST, RMX_NO_SLOT, RMX_REGISTER_REFUSE_DIRECTORIES,
    RMX_REGISTER_SKIP_DIRECTORIES, RMX_SESSIONS, RMX_START_PRIVATE, RMX_TIMEOUT_DEFAULT,
    RmxEndSession, RmxFreeList, RmxFreeSessions, RmxGetLeftStopped, RmxGetList, RmxGetSessions, RmxJoinSession,
    RmxRegisterResources, RmxStartSession,
)

import os

from rmcy.errors import SessionClosedError, SessionForkedError

REFUSE_DIRECTORIES = RMX_REGISTER_REFUSE_DIRECTORIES
SKIP_DIRECTORIES = RMX_REGISTER_SKIP_DIRECTORIES

# How many forks lie between this process and the one that imported the module.
# Counting is cheaper than a system call for the pid at each use.
cdef unsigned long forks = 0


def _count_fork():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)


# Nobody writes to these.
cdef ProcessArray NO_PROCESSES = packed_processes(())
cdef TextList NO_SERVICES = pack_texts((), "services", False)


@cython.final
@cython.freelist(64)
cdef class Handle:
    def __cinit__(self):
        # start() and join() open it.
        self.state = CLOSED
        self.calls = 0
        self.lock = NEW_MUTEX
        self.made_after = forks

    def __dealloc__(self):
        # The last resort, where nobody closed: without an error to anybody.
        if self.state != CLOSED and self.made_after == forks:
            with nogil:
                RmxEndSession(self.number, 0, RMX_TIMEOUT_DEFAULT)

    @property
    def closed(self):
        return not self.is_open()

    @property
    def value(self):
        """The number of restartmanager.h, for C and ctypes."""
        self.refuse_unusable()
        return self.number

    def left_stopped(self):
        """How many programs and services dead sessions had stopped when this one was started (RmxGetLeftStopped)."""
        cdef UINT count = 0
        self.refuse_unusable()
        check(RmxGetLeftStopped(self.number, &count), b"RmxGetLeftStopped")
        return count

    cdef void open(self, DWORD number) noexcept:
        """Before anybody has seen it."""
        self.number = number
        self.state = OPEN

    cdef bint is_open(self) noexcept:
        return self.state == OPEN and self.made_after == forks

    cdef int refuse_unusable(self) except -1:
        if self.made_after != forks:
            raise SessionForkedError(
                ERROR_INVALID_HANDLE, "session",
                "this session belongs to the process that made it, not to its child after a fork",
                advice="Join it here: pass session.key to rmcy.join().",
            )
        if self.state != OPEN:
            raise SessionClosedError(
                ERROR_INVALID_HANDLE, "session", "the session is closed",
                advice="Use it before close(), or inside its with block.",
            )
        return 0

    cdef int enter(self) except -1:
        # The state may change between the two looks at it; then the second one decides.
        self.refuse_unusable()
        cdef bint entered = False
        take(&self.lock)
        if self.state == OPEN:
            self.calls += 1
            entered = True
        give(&self.lock)
        if not entered:
            self.refuse_unusable()
        return 0

    cdef void leave(self) noexcept:
        # Whoever closed has been told that the session is closed, so a failure
        # here is nobody's error: it is reported as unraisable, and the object
        # is open again, for its finaliser.
        cdef bint last = False
        take(&self.lock)
        self.calls -= 1
        last = self.calls == 0 and self.state == CLOSING
        give(&self.lock)
        if last:
            self.end(10.0)

    cdef int end(self, double seconds) except -1:
        cdef int64_t end = deadline(seconds)
        cdef DWORD code = ERROR_RETRY
        cdef ULONG ms = milliseconds(seconds)
        try:
            while True:
                with nogil:
                    code = RmxEndSession(self.number, RMX_INTERRUPTIBLE, ms)
                if code != ERROR_RETRY:
                    break
                PyErr_CheckSignals()
                ms = left(end)
        finally:
            # The handle outlives these two and nothing else, so the session can be closed again.
            take(&self.lock)
            self.state = OPEN if code == ERROR_SEM_TIMEOUT or code == ERROR_RETRY else CLOSED
            give(&self.lock)
        # A secondary whose primary is gone has left already.
        if code != ERROR_INVALID_HANDLE:
            check(code, b"RmEndSession")
        return 0

    cpdef object close(self, double seconds):
        """End the session or leave it; a call in progress in another thread does so when it is done."""
        cdef bint ours = False
        if self.made_after != forks:
            return
        take(&self.lock)
        if self.state == OPEN:
            self.state = CLOSING
            ours = self.calls == 0
        give(&self.lock)
        if ours:
            self.end(seconds)

    cpdef Registered register(self, object files, object processes, object services, unsigned int flags,
                              double seconds):
        """Register all or nothing; of lists and tuples, packed or not."""
        return self.add(
            packed_paths(files),
            NO_PROCESSES if type(processes) is tuple and not sequence_size(processes) else packed_processes(processes),
            pack_texts(services, "services", False) if sequence_size(services) else NO_SERVICES,
            flags, seconds,
        )

    cdef Registered add(self, TextList paths, ProcessArray unique, TextList units, unsigned int flags, double seconds):
        cdef BYTE few[64]
        cdef BYTE *states = few
        cdef UINT bad = 0xFFFFFFFF
        cdef int64_t end = deadline(seconds)
        cdef ULONG ms = milliseconds(seconds)
        cdef DWORD code
        self.enter()
        try:
            if paths.count > sizeof(few):
                states = <BYTE *>calloc(paths.count, 1)
                if states is NULL:
                    raise MemoryError("no memory for files")
            else:
                memset(few, 0, sizeof(few))
            while True:
                with nogil:
                    code = RmxRegisterResources(self.number, paths.count, paths.pointers, unique.count, unique.items,
                                                units.count, units.pointers, flags | RMX_INTERRUPTIBLE, ms, states,
                                                &bad)
                if code != ERROR_RETRY:
                    break
                PyErr_CheckSignals()
                ms = left(end)
            if code != ERROR_SUCCESS:
                raise_refused(code, bad, paths, units)
            return sort_out(paths, states, flags, unique.count, units.count)
        finally:
            if states is not few:
                free(states)
            self.leave()

    def affected(self, bint mine, double seconds):
        """List who is affected."""
        cdef int64_t end = deadline(seconds)
        cdef DWORD flags = RMX_INTERRUPTIBLE | (RMX_GET_MINE if mine else 0)
        cdef RMX_LIST *found = NULL
        cdef DWORD code
        cdef ULONG ms = milliseconds(seconds)
        cdef Answer answer
        self.enter()
        try:
            while True:
                with nogil:
                    code = RmxGetList(self.number, flags, ms, &found)
                if code != ERROR_RETRY:
                    break
                PyErr_CheckSignals()
                ms = left(end)
            answer = None if found is NULL else decode_take(&found)
            if code == ERROR_ACCESS_DENIED and answer is not None and answer.directories:
                raise_directories(answer.directories)
            check(code, b"RmGetList")
            return answer
        finally:
            RmxFreeList(found)
            self.leave()


cdef Handle opened(DWORD number, str key):
    cdef Handle handle = closed_handle(key, forks)
    handle.open(number)
    return handle


cdef Handle closed_handle(str key, unsigned long made_after):
    """One that may be opened later, by who knows how many forks there had been."""
    cdef Handle handle = Handle.__new__(Handle)
    handle.key = key
    handle.made_after = made_after
    return handle


cdef unsigned long fork_count() noexcept:
    return forks


def start(bytes label not None, bint private, double seconds):
    """Start a session; a private one is in memory only and has the key ""."""
    cdef int64_t end = deadline(seconds)
    cdef DWORD flags = RMX_INTERRUPTIBLE | (RMX_START_PRIVATE if private else 0)
    cdef const char *name = label
    cdef WCHAR key[KEY_UNITS]
    cdef WCHAR *ret_key = NULL if private else key
    cdef DWORD number = 0
    cdef DWORD code
    cdef ULONG ms = milliseconds(seconds)
    key[0] = 0
    while True:
        with nogil:
            code = RmxStartSession(&number, flags, name, ms, ret_key)
        if code != ERROR_RETRY:
            break
        PyErr_CheckSignals()
        ms = left(end)
    check(code, b"RmStartSession")
    return opened(number, "".join([chr(key[n]) for n in range(CCH_RM_SESSION_KEY)]) if not private else "")


cpdef Handle join(str key, double seconds):
    """Join a session by its key."""
    cdef int64_t end = deadline(seconds)
    cdef WCHAR text[KEY_UNITS]
    cdef DWORD number = 0
    cdef DWORD code
    cdef ULONG ms = milliseconds(seconds)
    spell_key(<PyObject *>key, text)
    while True:
        with nogil:
            code = RmxJoinSession(&number, text, RMX_INTERRUPTIBLE, ms)
        if code != ERROR_RETRY:
            break
        PyErr_CheckSignals()
        ms = left(end)
    check(code, b"RmJoinSession")
    return opened(number, key)


def sessions(double seconds):
    """The sessions of this user.

    Each is (slot or None, owner pid, owner start, state, secondaries, records, stopped, started, label).
    """
    cdef int64_t end = deadline(seconds)
    cdef RMX_SESSIONS *found = NULL
    cdef DWORD code
    cdef ULONG ms = milliseconds(seconds)
    while True:
        with nogil:
            code = RmxGetSessions(RMX_INTERRUPTIBLE, ms, &found)
        if code != ERROR_RETRY:
            break
        PyErr_CheckSignals()
        ms = left(end)
    check(code, b"RmxGetSessions")
    made = []
    try:
        for n in range(found.count):
            one = &found.sessions[n]
            label = "" if one.label is NULL else one.label.decode("utf-8", "replace")
            made.append((None if one.slot == RMX_NO_SLOT else one.slot, one.owner_pid, one.owner_start, one.state,
                         one.secondaries, one.records, one.stopped, one.started, label))
    finally:
        RmxFreeSessions(found)
    return made
