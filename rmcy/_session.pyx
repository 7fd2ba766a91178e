# SPDX-License-Identifier: MIT
# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""What a session of either role can do, and the secondary's, which can do nothing else.

It is here for its speed: a method in Python would cost more than the call.
Arguments that need a second look get it in Python.
"""

cimport cython

from rmcy._handle cimport Handle
from rmcy._handle cimport join as join_handle
from rmcy._lists cimport PathList, ProcessList
from rmcy.restartmanager_ext cimport RMX_REGISTER_REFUSE_DIRECTORIES

import os
import warnings

from rmcy import key as keys
from rmcy import seconds as times
from rmcy.registration import ready

cdef double LIST_SECONDS = times.LIST_TIMEOUT
cdef double STORE_SECONDS = times.STORE_TIMEOUT
cdef str KEY_VARIABLE = keys.KEY_VARIABLE

# What a call has that does not name them: nothing is told by their identity but that it is the usual one.
cdef tuple NOTHING = ()
cdef str AS_USUAL = "refuse"


cdef inline bint is_sequence(object given) noexcept:
    return type(given) is list or type(given) is tuple


@cython.no_gc  # its handle has a str and nothing else
cdef class SessionBase:
    """What both roles can do."""

    def __init__(self):
        raise TypeError("rmcy.start() makes a PrimarySession, rmcy.join() a JoinedSession")

    @classmethod
    def _of(cls, Handle handle not None):
        cdef SessionBase made = (<type>cls).__new__(cls)
        made._handle = handle
        return made

    cdef Handle mine(self):
        # Somebody called __new__ alone.
        if self._handle is None:
            raise TypeError("this session has never been open: rmcy.start() and rmcy.join() make sessions")
        return self._handle

    @property
    def key(self):
        """The key by which another process of the same user joins the session. Its repr does not show it."""
        return keys.SessionKey(self.mine().key)

    @property
    def closed(self):
        """Whether the session can no longer be used by this object."""
        return self.mine().closed

    @property
    def handle(self):
        """The session handle of restartmanager.h, for C and ctypes; it is valid until close()."""
        return self.mine().value

    def register(self, files=NOTHING, processes=NOTHING, services=NOTHING, *, directories=AS_USUAL, timeout=None):
        """Register files, processes and services: all of them or, with an error, none (RmRegisterResources).

        A lone path, process or service name is one entry. Besides iterables,
        files takes a PathList or a column of strings by Arrow's interface,
        processes a ProcessList or a buffer of records. Nothing can be
        unregistered. Files that do not exist are stored and looked for again
        at each list.

        directories: what becomes of directories, one of which makes every
        list fail. "refuse" raises before anything is stored; "skip" leaves
        them out; "expand" registers the files below them instead, without
        following symbolic links to directories; "accept" stores them, as the
        C function does.
        timeout: seconds for the whole call; None is 60. The looks at the
        files are what may wait, where a file system's server does not answer.

        Raises DirectoryRegisteredError, BadArgumentsError (also ValueError)
        and TypeError, each naming the entry; SessionTimeoutError, naming the
        file that could not be looked up; SessionEndedError where a
        secondary's primary is gone; StoreError.

        Windows and Linux: services are short names on Windows, whole unit
        names on Linux. Relative paths are resolved now. (Ours.)
        """
        cdef Handle handle = self.mine()
        # Lists are taken as they are: to look at arguments in Python is most of what a single path costs.
        if timeout is None and directories is AS_USUAL and (
            processes is NOTHING or type(processes) is list or type(processes) is ProcessList
        ):
            if type(files) is str:
                files = (files,)
            if (is_sequence(files) or type(files) is PathList) and is_sequence(services):
                return handle.register(files, processes, services, RMX_REGISTER_REFUSE_DIRECTORIES, LIST_SECONDS)
        paths, unique, units, flags, left = ready(files, processes, services, directories, timeout)
        return handle.register(paths, unique, units, flags, left)

    def child_env(self, base=None):
        """Make an environment for a child that shall join: `base` (this process's own) with the key in it.

        The child calls ``rmcy.join()`` without a key.
        """
        environment = dict(os.environ if base is None else base)
        environment[KEY_VARIABLE] = self.key
        return environment

    def close(self):
        """End the session (primary) or leave it (secondary), once (RmEndSession).

        What a secondary registered stays. A call that another thread has in
        progress on this object is not disturbed: it ends the session when it
        is done. In a forked child nothing happens.

        Raises SessionTimeoutError after 10 seconds; then the session is still
        open. Also StoreError.
        """
        self.mine().close(STORE_SECONDS)

    def __enter__(self):
        # Raises for a session that cannot be used.
        self.mine().refuse_unusable()
        return self

    def __exit__(self, kind, error, traceback):
        try:
            self.close()
        except OSError as failed:
            # The body's exception always comes out.
            if error is None:
                raise
            error.add_note(f"The session could not be closed either: {failed}")

    def __del__(self):
        # Nearly always there is nothing to be said.
        if self._handle is not None and self._handle.is_open():
            try:
                warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            finally:
                self.close()

    def __repr__(self):
        return f"<rmcy.{type(self).__name__}, {'closed' if self.closed else 'open'}>"

    def __reduce__(self):
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: it belongs to this process. "
            "Send session.key, and call rmcy.join() with it over there."
        )


@cython.final
cdef class JoinedSession(SessionBase):
    """The session of who called `join`: registers and leaves, nothing else."""


cdef JoinedSession joined(Handle handle):
    cdef JoinedSession made = JoinedSession.__new__(JoinedSession)
    made._handle = handle
    return made


def join(key=None, *, timeout=None):
    """Join a session by its key, as a secondary (RmJoinSession).

    key: what the primary's `session.key` says, in either case; None takes it
    from the environment variable RMCY_SESSION_KEY.
    timeout: seconds for the whole call; None is 10.

    Raises SessionAccessError (1219, also PermissionError) for a key that fits
    no session that this user may join, BadArgumentsError (160, also
    ValueError) for what is no key, SessionTimeoutError (121), StoreError (29),
    SessionLimitError (353).
    """
    cdef double limit = STORE_SECONDS if timeout is None else times.seconds(timeout, STORE_SECONDS)
    if type(key) is not str:
        key = plain_key(key)
    return joined(join_handle(key, limit))


cdef str plain_key(object key):
    if key is None:
        key = os.environ.get(KEY_VARIABLE)
        if not key:
            raise ValueError(
                f"no key was given and {KEY_VARIABLE} is not set: pass session.key, "
                "or start this program with session.child_env()"
            )
    elif not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}")
    return str.__str__(key)
