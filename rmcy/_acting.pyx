# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""Stopping and bringing back, each call in a thread of its own.

The thread that asked waits meanwhile: there Ctrl-C arrives at once, and there
callbacks run, on what the other thread puts into a queue.  The library never
waits for a callback.

All of this is compiled, where signal handlers run only inside queue.get() and
inside a callback, or where watch() asks for them: an exception of theirs cannot
come between two lines here, lose a call that is under way, or leave a lock behind.
"""

cimport cython
from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memset

from cpython.exc cimport PyErr_CheckSignals

from rmcy._account cimport decode_take, pack_plan, progress
from rmcy._deadline cimport deadline, left, milliseconds
from rmcy._handle cimport Handle
from rmcy._status cimport check
from rmcy.restartmanager cimport (
    DWORD, ERROR_SEM_TIMEOUT, ERROR_SUCCESS, RmCancelCurrentTask, RmForceShutdown, RmShutdownOnlyRegistered, ULONG,
)
from rmcy.restartmanager_ext cimport (
    ERROR_RETRY, RMX_ACCOUNT, RMX_INTERRUPTIBLE, RMX_ITEM, RMX_RECOVER_FORGET, RMX_SHUTDOWN, RMX_SHUTDOWN_SKIP_CRITICAL,
    RMX_TIMEOUT_DEFAULT, RmxFreeAccount, RmxLeaveStopped, RmxPlan, RmxRecover, RmxRestart, RmxShutdown,
)

from _thread import allocate_lock, get_ident, start_new_thread
from queue import Empty, SimpleQueue
from sys import is_finalizing

from rmcy.codes import error_for
from rmcy.errors import SessionTimeoutError

FORCE = RmForceShutdown
ONLY_REGISTERED = RmShutdownOnlyRegistered
SKIP_CRITICAL = RMX_SHUTDOWN_SKIP_CRITICAL

CANCEL = object()

# Python's locks cannot be interrupted on Windows: there the queue is left now and then for signal handlers to run.
cdef extern from *:
    """
    #ifdef _WIN32
    #define RMCY_WAITS_ARE_DEAF 1
    #else
    #define RMCY_WAITS_ARE_DEAF 0
    #endif
    """
    const bint WAITS_ARE_DEAF "RMCY_WAITS_ARE_DEAF"

cdef object AWHILE = 0.1 if WAITS_ARE_DEAF else None

# A cancellation that comes before the library has begun, or while it waits for
# its turn, finds nothing to cancel: so it is asked for again until the call ends.
cdef double AGAIN = 0.05


@cython.final
cdef class Turn:
    """Who acts on a session: one thread at a time. Whoever asks twice is told so instead of waiting for himself."""

    def __cinit__(self):
        self.lock = allocate_lock()
        self.owner = 0

    def within(self, double seconds):
        """For a with block: waits for the turn, and gives it up at the end."""
        cdef Taken made = Taken.__new__(Taken)
        made.turn = self
        made.seconds = seconds
        return made


@cython.final
cdef class Taken:
    """One turn, in a with block."""

    def __enter__(self):
        cdef unsigned long long me = get_ident()
        if self.turn.owner == me:
            raise RuntimeError(
                "this session is being acted on by the same thread: from on_progress, or from a signal handler, "
                "it can be cancelled and listed, but not stopped, restarted or closed"
            )
        if not self.turn.lock.acquire(True, self.seconds if self.seconds < 4_000_000 else -1):
            raise SessionTimeoutError(
                ERROR_SEM_TIMEOUT, "session", "another thread is acting on this session, and was not done in time",
                advice="Nothing was done. Try again with a longer timeout.",
            )
        self.turn.owner = me

    def __exit__(self, kind, error, traceback):
        self.turn.owner = 0
        self.turn.lock.release()


cdef void report(void *context, uint32_t phase, uint32_t percent, const RMX_ITEM *item) noexcept nogil:
    with gil:
        (<Work>context).tell(phase, percent, item)


@cython.final
cdef class Work:
    """One call of the library, and what is heard of it."""

    def __cinit__(self):
        self.events = SimpleQueue()
        memset(&self.how, 0, sizeof(self.how))
        self.code = ERROR_SUCCESS
        self.account = NULL

    def __dealloc__(self):
        RmxFreeAccount(self.account)

    cdef void tell(self, uint32_t phase, uint32_t percent, const RMX_ITEM *item) noexcept:
        try:
            self.events.put(progress(phase, percent, item))
        except BaseException as error:
            self.events.put(error)

    def do(self):
        """Make the call."""
        try:
            with nogil:
                if self.task == SHUT_DOWN:
                    self.code = RmxShutdown(self.handle, &self.how, self.ms, &self.account)
                elif self.task == RESTART:
                    self.code = RmxRestart(self.handle, self.how.progress, self.how.context, self.ms, &self.account)
                else:
                    self.code = RmxRecover(self.how.flags, self.how.progress, self.how.context, self.ms, &self.account)
        finally:
            self.events.put(None)


@cython.final
cdef class Done:
    """What came of a call: the account, the library's error, and what callbacks and signal handlers raised."""


cdef Done finished(Work work, list raised):
    cdef Done made = Done.__new__(Done)
    cdef bytes function = (b"RmShutdown", b"RmRestart", b"RmxRecover")[<int>work.task]
    made.raised = tuple(raised)
    if work.account is not NULL:
        made.account = decode_take(&work.account, False)
    if work.code != ERROR_SUCCESS:
        made.error = error_for(work.code, function.decode("ascii"))
    return made


cdef void cancel_task(DWORD handle) noexcept:
    # The library may make it wait for a callback, which wants the interpreter.
    with nogil:
        RmCancelCurrentTask(handle)


cdef list watch(Work work, object on_progress):
    """Wait until the work has ended, come what may: the exceptions that came are given back, none is raised.

    The first one ends a stop. Bringing back it does not end; an interruption
    (KeyboardInterrupt, not an error) ends that when it comes a second time.
    """
    cdef list raised = []
    cdef int interruptions = 0
    cdef bint cancelled = False
    cdef object error
    while True:
        error = None
        try:
            try:
                event = work.events.get(True, AGAIN if cancelled else AWHILE)
            except Empty:
                if WAITS_ARE_DEAF:
                    PyErr_CheckSignals()
                if cancelled:
                    cancel_task(work.handle)
                continue
        except BaseException as came:
            error = came
        else:
            if event is None:
                return raised
            if event is CANCEL:
                cancelled = True
                cancel_task(work.handle)
            elif isinstance(event, BaseException):
                error = event
            elif not raised:
                try:
                    on_progress(event)
                except BaseException as came:
                    error = came
        if error is None:
            continue
        raised.append(error)
        interruptions += not isinstance(error, Exception)
        if work.task == SHUT_DOWN or (work.task == RESTART and interruptions > 1):
            cancelled = True
            cancel_task(work.handle)


cdef Done run(Work work, object on_progress):
    if on_progress is not None:
        work.how.progress = report
        work.how.context = <void *>work
    # At the very end of the interpreter a new thread would never get to run.
    if is_finalizing():
        work.do()
    else:
        try:
            start_new_thread(work.do, ())
        except RuntimeError:
            work.do()
    return finished(work, watch(work, on_progress))


cdef Done act(Handle handle, Turn turn, Work work, object on_progress):
    """Within a turn: others can cancel this work and no other."""
    work.handle = handle.number
    handle.enter()
    with cython.critical_section(turn):
        turn.work = work
    try:
        return run(work, on_progress)
    finally:
        with cython.critical_section(turn):
            turn.work = None
        handle.leave()


cdef ULONG optional_milliseconds(object seconds) except? 0xDEAD:
    return RMX_TIMEOUT_DEFAULT if seconds is None else milliseconds(seconds)


def plan(Handle handle not None, unsigned int flags, double seconds):
    """What a stop with these flags would do now."""
    cdef int64_t end = deadline(seconds)
    cdef RMX_ACCOUNT *found = NULL
    cdef DWORD code
    cdef ULONG ms = milliseconds(seconds)
    handle.enter()
    try:
        while True:
            with nogil:
                code = RmxPlan(handle.number, flags | RMX_INTERRUPTIBLE, ms, &found)
            if code != ERROR_RETRY:
                break
            RmxFreeAccount(found)
            found = NULL
            PyErr_CheckSignals()
            ms = left(end)
        check(code, b"RmxPlan")
        return decode_take(&found, True)
    finally:
        RmxFreeAccount(found)
        handle.leave()


def shutdown(
    Handle handle not None, Turn turn not None, unsigned int flags, app_seconds, service_seconds, tuple steps,
    double seconds, on_progress,
):
    """Stop what is affected; with `steps`, nothing that is not among them. Within a turn."""
    cdef Work work = Work.__new__(Work)
    work.task = SHUT_DOWN
    work.ms = milliseconds(seconds)
    work.how.size = sizeof(RMX_SHUTDOWN)
    work.how.flags = flags
    work.how.app_timeout_ms = optional_milliseconds(app_seconds)
    work.how.service_timeout_ms = optional_milliseconds(service_seconds)
    if steps is not None:
        work.plan = pack_plan(steps)
        work.how.only = &work.plan.account
    return act(handle, turn, work, on_progress)


def restart(Handle handle not None, Turn turn not None, bint shielded, double seconds, on_progress):
    """Bring back what was stopped; shielded, cancel() does not end it. Within a turn."""
    cdef Work work = Work.__new__(Work)
    work.task = RESTART
    work.shielded = shielded
    work.ms = milliseconds(seconds)
    return act(handle, turn, work, on_progress)


def recover(bint forget, double seconds, on_progress):
    """Bring back what dead sessions stopped."""
    cdef Work work = Work.__new__(Work)
    work.how.flags = RMX_RECOVER_FORGET if forget else 0
    work.task = RECOVER
    work.ms = milliseconds(seconds)
    return run(work, on_progress)


def leave_stopped(Handle handle not None):
    """Give up bringing back."""
    handle.enter()
    try:
        with nogil:
            check(RmxLeaveStopped(handle.number), b"RmxLeaveStopped")
    finally:
        handle.leave()


def cancel(Handle handle not None, Turn turn not None):
    """Cancel what another thread has under way: a stop, a restart that is not shielded, else a list."""
    cdef Work work
    with cython.critical_section(turn):
        work = turn.work
    handle.enter()
    try:
        if work is None:
            with nogil:
                check(RmCancelCurrentTask(handle.number), b"RmCancelCurrentTask")
        elif not work.shielded:
            work.events.put(CANCEL)
    finally:
        handle.leave()
