# SPDX-License-Identifier: MIT
"""What rmcy raises.

Every code of the header has a class below where callers are likely to tell it
apart; each is also the built-in exception that fits.  Codes without a class of
their own, known or not, are plain `RestartManagerError`.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from rmcy.outcome import Outcome
    from rmcy.records import SessionInfo

__all__ = [
    "BadArgumentsError",
    "DirectoryRegisteredError",
    "FilterNotFoundError",
    "IncompleteAnswerError",
    "InvalidSessionError",
    "LeftStoppedWarning",
    "ListUnstableError",
    "OperationCancelledError",
    "OutOfMemoryError",
    "ProcessNotFoundError",
    "RestartIncompleteError",
    "RestartManagerError",
    "SessionAccessError",
    "SessionClosedError",
    "SessionEndedError",
    "SessionForkedError",
    "SessionLimitError",
    "SessionTimeoutError",
    "ShutdownIncompleteError",
    "StoreError",
    "UnsupportedPlatformError",
]


class RestartManagerError(OSError):
    """A function of the Restart Manager failed.

    `code` is its result, `name` what winerror.h calls that, `function` the
    function of the header (or of restartmanager_ext.h), `advice` what to do.
    `index`: which of many it is about, from the functions of `rmcy.bulk`.
    `errno` is the POSIX number that comes nearest, or None; never the code.
    The text is a sentence. Errors survive pickle and copy.
    """

    code: int
    name: str
    function: str
    advice: str
    index: int | None = None

    # Where the class says more than the code.
    _errno: ClassVar[int | None] = None

    def __init__(
        self, code: int, function: str, message: str = "", *, advice: str | None = None, filename: str | None = None
    ) -> None:
        row = ROWS.get(code, UNKNOWN)
        self.code = code
        self.name = row.name or f"ERROR_{code}"
        self.function = function
        self.advice = row.advice if advice is None else advice
        super().__init__(self._errno or row.errno, message or f"{function} failed: {row.text} ({self.name}, {code})")
        # OSError's own constructor takes a name only together with an error number.
        self.filename = filename

    def __str__(self) -> str:
        text = str(self.strerror)
        text += "" if text.endswith((".", "!", "?")) else "."
        return f"{text} {self.advice}" if self.advice else text

    def __reduce__(self) -> tuple[object, ...]:
        state = {**self.__dict__, "filename": self.filename}
        return _rebuild, (type(self), self.code, self.function, str(self.strerror)), state


def _rebuild(kind: type[RestartManagerError], code: int, function: str, message: str) -> RestartManagerError:
    return kind(code, function, message)


def _no_outcome() -> Outcome:
    # The module of outcomes stands above this one.
    from rmcy.outcome import Outcome

    return Outcome()


class BadArgumentsError(RestartManagerError, ValueError):
    """ERROR_BAD_ARGUMENTS (160): something in the arguments cannot be used; the text names it."""


class DirectoryRegisteredError(RestartManagerError, IsADirectoryError):
    """A directory was given or is registered (ERROR_DIRECTORY, 267; ERROR_ACCESS_DENIED, 5, from a list).

    `directories` names them.
    """

    directories: tuple[str, ...] = ()
    _errno = errno.EISDIR


class InvalidSessionError(RestartManagerError):
    """ERROR_INVALID_HANDLE (6): there is no session behind this object. The subclasses say why."""


class SessionClosedError(InvalidSessionError):
    """The session object was used after close()."""


class SessionEndedError(InvalidSessionError):
    """The primary ended the session, or died, while this secondary was still joined. (Ours.)"""


class SessionForkedError(InvalidSessionError):
    """The session object was used in a forked child. It belongs to the process that made it. (Ours.)"""


class OutOfMemoryError(RestartManagerError, MemoryError):
    """ERROR_OUTOFMEMORY (14)."""


class StoreError(RestartManagerError):
    """ERROR_WRITE_FAULT (29): the place where sessions are kept cannot be read or written."""


class UnsupportedPlatformError(RestartManagerError, NotImplementedError):
    """ERROR_CALL_NOT_IMPLEMENTED (120): this system has no Restart Manager that rmcy could use."""


class SessionTimeoutError(RestartManagerError, TimeoutError):
    """ERROR_SEM_TIMEOUT (121): the time-out passed before the call was done.

    `outcome`: what became of the programs, from a stop or a restart.
    """

    outcome: Outcome | None = None


class ListUnstableError(RestartManagerError, TimeoutError):
    """ERROR_MORE_DATA (234) again and again: the list kept growing while it was read."""


class SessionLimitError(RestartManagerError):
    """ERROR_MAX_SESSIONS_REACHED (353). `owners` are the sessions that hold the slots, as far as they could be read.

    From `join` it means that this process can hold no more handles. (Ours.)
    """

    owners: tuple[SessionInfo, ...] = ()


class SessionAccessError(RestartManagerError, PermissionError):
    """ERROR_SESSION_CREDENTIAL_CONFLICT (1219): the key fits no session, or only the primary may do this."""


class OperationCancelledError(RestartManagerError):
    """ERROR_CANCELLED (1223): the call was cancelled.

    `outcome`: what became of the programs, from a stop or a restart.
    """

    outcome: Outcome | None = None


class _IncompleteError(RestartManagerError):
    """Something was stopped or brought back in part; `outcome` says what."""

    outcome: Outcome

    def __init__(
        self, code: int, function: str, message: str = "", *, advice: str | None = None, filename: str | None = None
    ) -> None:
        super().__init__(code, function, message, advice=advice, filename=filename)
        self.outcome = _no_outcome()


class ShutdownIncompleteError(_IncompleteError):
    """Not everything could be stopped (ERROR_FAIL_SHUTDOWN, 351; ERROR_FAIL_NOACTION_REBOOT, 350: nothing was).

    What had been stopped was brought back before this was raised. `outcome`
    says, program by program, what stopped, what did not, and why.
    """


class RestartIncompleteError(_IncompleteError):
    """ERROR_FAIL_RESTART (352): not everything could be brought back.

    `outcome` says, program by program, what is back, what is not, and why.
    """


class FilterNotFoundError(RestartManagerError, LookupError):
    """ERROR_FILE_NOT_FOUND (2) from RmRemoveFilter: there is no filter for that program."""


class ProcessNotFoundError(RestartManagerError, ProcessLookupError):
    """ERROR_FILE_NOT_FOUND (2) about a process: none has that pid."""

    _errno = errno.ESRCH


class IncompleteAnswerError(RuntimeError):
    """Something could not be inspected, so that "nobody" may not be read out of the answer. (Ours.)"""


class LeftStoppedWarning(RuntimeWarning):
    """A session of this user has died with programs stopped; `rmcy recover` brings them back."""


class Row(NamedTuple):
    """What a code is: its name in winerror.h, the nearest errno, its class, and what is said of it."""

    name: str
    errno: int | None
    kind: type[RestartManagerError]
    text: str
    advice: str = ""


UNKNOWN = Row("", None, RestartManagerError, "the system reports an error that rmcy does not know")

ROWS: dict[int, Row] = {
    2: Row("ERROR_FILE_NOT_FOUND", errno.ENOENT, RestartManagerError, "there is no such thing"),
    5: Row("ERROR_ACCESS_DENIED", errno.EACCES, RestartManagerError, "access is denied"),
    6: Row("ERROR_INVALID_HANDLE", errno.EBADF, InvalidSessionError, "there is no session behind this handle"),
    14: Row(
        "ERROR_OUTOFMEMORY",
        errno.ENOMEM,
        OutOfMemoryError,
        "not enough memory, or no more descriptors",
        "On Linux a stop holds each affected program by a descriptor of its own: see ulimit -n.",
    ),
    22: Row("ERROR_BAD_COMMAND", errno.EINVAL, RestartManagerError, "the system does not recognise the command"),
    29: Row(
        "ERROR_WRITE_FAULT",
        errno.EIO,
        StoreError,
        "the place where sessions are kept cannot be read or written",
        "Look at rmcy.backend_info().store: is it there, writable for this user, and is there room?",
    ),
    120: Row(
        "ERROR_CALL_NOT_IMPLEMENTED",
        errno.ENOSYS,
        UnsupportedPlatformError,
        "not implemented here",
        "rmcy works on Windows and on Linux; rmcy.backend_info() tells what this build uses.",
    ),
    121: Row(
        "ERROR_SEM_TIMEOUT",
        errno.ETIMEDOUT,
        SessionTimeoutError,
        "the time-out passed first",
        "Another process may be holding the lock of the session store; try again, or with a longer timeout.",
    ),
    160: Row("ERROR_BAD_ARGUMENTS", errno.EINVAL, BadArgumentsError, "an argument cannot be used"),
    234: Row(
        "ERROR_MORE_DATA",
        errno.ETIMEDOUT,
        ListUnstableError,
        "the list kept growing while it was read",
        "Ask again when the system is calmer, or with a longer timeout.",
    ),
    267: Row(
        "ERROR_DIRECTORY",
        errno.EISDIR,
        DirectoryRegisteredError,
        "a directory was given where a file is expected",
        'Choose with directories=: "refuse" (this error), "skip", "expand" (its files instead) or "accept".',
    ),
    350: Row(
        "ERROR_FAIL_NOACTION_REBOOT",
        None,
        ShutdownIncompleteError,
        "nothing was stopped, since a restart of the system is needed all the same",
        'Look at .outcome; on_critical="skip" leaves alone what must not be stopped and stops the rest.',
    ),
    351: Row(
        "ERROR_FAIL_SHUTDOWN",
        None,
        ShutdownIncompleteError,
        "some programs could not be stopped",
        "Look at .outcome; force=True kills what does not end in time, partial_ok=True goes on without them.",
    ),
    352: Row(
        "ERROR_FAIL_RESTART",
        None,
        RestartIncompleteError,
        "some programs could not be brought back",
        "Look at .outcome and start them by hand.",
    ),
    353: Row(
        "ERROR_MAX_SESSIONS_REACHED",
        errno.EMFILE,
        SessionLimitError,
        "no more sessions can be had",
        "Close sessions that are not needed; rmcy.sessions() tells who owns them.",
    ),
    776: Row(
        "ERROR_REQUEST_OUT_OF_SEQUENCE",
        None,
        RestartManagerError,
        "nothing has been stopped in this session",
        "Call shutdown() first; what it gives back brings the programs back.",
    ),
    1219: Row("ERROR_SESSION_CREDENTIAL_CONFLICT", errno.EACCES, SessionAccessError, "not allowed in this role"),
    1223: Row("ERROR_CANCELLED", errno.ECANCELED, OperationCancelledError, "cancelled"),
}
