# SPDX-License-Identifier: MIT
"""Sessions: the primary's, the secondary's, and the short question that needs neither."""

from __future__ import annotations

import os
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NoReturn, Protocol, Self, TypeAlias, final, runtime_checkable

from rmcy import _session
from rmcy._answer import Answer
from rmcy._lists import PathList
from rmcy.acting import Acting
from rmcy.affected import AffectedList
from rmcy.directories import expand
from rmcy.enums import RebootReason
from rmcy.errors import DirectoryRegisteredError, LeftStoppedWarning, SessionLimitError
from rmcy.key import KEY_VARIABLE, SessionKey
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg, path_list
from rmcy.programs import ProcessArg, process_list, service_list
from rmcy.records import ListStats, Registered, Skipped
from rmcy.recovery import sessions
from rmcy.seconds import seconds
from rmcy.stopped import Stops

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "JoinedSession",
    "PrimarySession",
    "Scope",
    "Session",
    "join",
    "start",
    "who",
]

Scope: TypeAlias = Literal["all", "mine"]

STORE_TIMEOUT = 10.0
LIST_TIMEOUT = 60.0

_NOTHING: tuple[()] = ()
_REFUSE = _session.REFUSE_DIRECTORIES
_DIRECTORY_FLAGS = {
    "refuse": _session.REFUSE_DIRECTORIES,
    "skip": _session.SKIP_DIRECTORIES,
    "expand": _session.REFUSE_DIRECTORIES,
    "accept": 0,
}


@runtime_checkable
class Session(Protocol):
    """What both roles can do."""

    @property
    def key(self) -> SessionKey: ...
    @property
    def closed(self) -> bool: ...
    @property
    def handle(self) -> int: ...
    def register(
        self,
        files: PathArg | Iterable[PathArg] | ArrowArray | ArrowStream = (),
        processes: ProcessArg | Iterable[ProcessArg] | Buffer = (),
        services: str | Iterable[str] = (),
        *,
        directories: Directories = "refuse",
        timeout: float | None = None,
    ) -> Registered: ...
    def child_env(self, base: Mapping[str, str] | None = None) -> dict[str, str]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class _Session(_session.Owner):
    __slots__ = ("__weakref__",)

    def __init__(self) -> None:
        raise TypeError("rmcy.start() makes a PrimarySession, rmcy.join() a JoinedSession")

    @property
    def key(self) -> SessionKey:
        """The key by which another process of the same user joins the session. Its repr does not show it."""
        return SessionKey(self._handle.key)

    @property
    def closed(self) -> bool:
        """Whether the session can no longer be used by this object."""
        return self._handle.closed

    @property
    def handle(self) -> int:
        """The session handle of restartmanager.h, for C and ctypes; it is valid until close()."""
        return self._handle.value

    def register(
        self,
        files: PathArg | Iterable[PathArg] | ArrowArray | ArrowStream = (),
        processes: ProcessArg | Iterable[ProcessArg] | Buffer = (),
        services: str | Iterable[str] = (),
        *,
        directories: Directories = "refuse",
        timeout: float | None = None,
    ) -> Registered:
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
        flags = _REFUSE if directories == "refuse" else directory_flags(directories)
        paths = files if type(files) is list else path_list(files)
        left = LIST_TIMEOUT if timeout is None else seconds(timeout, LIST_TIMEOUT)
        if directories == "expand":
            end = time.monotonic() + left
            paths = expand(paths, left)
            left = max(0.0, end - time.monotonic())
        # What was not given is not asked about: that is most of what a single path costs.
        unique = _NOTHING if processes is _NOTHING else process_list(processes)
        units = _NOTHING if services is _NOTHING else service_list(services)
        return self._handle.register(paths, unique, units, flags, left)

    def child_env(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Make an environment for a child that shall join: `base` (this process's own) with the key in it.

        The child calls ``rmcy.join()`` without a key.
        """
        environment = dict(os.environ if base is None else base)
        environment[KEY_VARIABLE] = self.key
        return environment

    def close(self) -> None:
        """End the session (primary) or leave it (secondary), once (RmEndSession).

        What a secondary registered stays. A call that another thread has in
        progress on this object is not disturbed: it ends the session when it
        is done. In a forked child nothing happens.

        Raises SessionTimeoutError after 10 seconds; then the session is still
        open. Also StoreError.
        """
        self._handle.close(STORE_TIMEOUT)

    def __enter__(self) -> Self:
        # Raises for a session that cannot be used.
        _ = self._handle.value
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except OSError as failed:
            # The body's exception always comes out.
            if error is None:
                raise
            error.add_note(f"The session could not be closed either: {failed}")

    def _forgotten(self) -> None:
        try:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
        finally:
            self.close()

    def __repr__(self) -> str:
        return f"<rmcy.{type(self).__name__}, {'closed' if self.closed else 'open'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: it belongs to this process. "
            "Send session.key, and call rmcy.join() with it over there."
        )


@final
class PrimarySession(Acting, _Session):
    """The session of who called `start`: registers, is told who is affected, stops them and brings them back."""

    __slots__ = ("_stops",)

    @classmethod
    def _of(cls, handle: _session.Handle) -> Self:
        self = super()._of(handle)
        self._stops = Stops(handle)
        return self

    def affected(self, *, scope: Scope = "all", timeout: float | None = None) -> AffectedList:
        """List the programs that use what is registered, by whomever in the session (RmGetList).

        scope: "mine" asks only about processes of this process's effective
        user, which can be answered completely without root.
        timeout: seconds for the whole call; None is 60.

        Raises DirectoryRegisteredError where a directory was registered
        (5), SessionTimeoutError, ListUnstableError.

        Windows and Linux: Windows has no "mine". On Linux, using is an open
        descriptor, a memory map, or running the file; also after its deletion.
        A registered service that is active without a process is listed as
        process 0 there, one that does not exist is in `.missing`. (Ours.)
        """
        return _affected(self._handle, scope, timeout)

    def close(self) -> None:
        """End the session, once (RmEndSession); what is stopped still is brought back first.

        A call that another thread has in progress on this object is not
        disturbed: a stop or a restart is waited for, and anything else ends
        the session when it is done. In a forked child nothing happens.

        Raises SessionTimeoutError: after 10 seconds, with the session still
        open, or after 120 while another thread stops or restarts. After
        RestartIncompleteError (352) the session has ended. Also StoreError.
        """
        if not self._handle.closed:
            self._stops.end(super().close)


@final
class JoinedSession(_Session):
    """The session of who called `join`: registers and leaves, nothing else."""

    __slots__ = ()


def start(*, label: str = "", timeout: float | None = None) -> PrimarySession:
    """Start a session (RmStartSession).

    label: shown in lists of sessions; at most 255 bytes of UTF-8.
    timeout: seconds for the whole call; None is 10.

    Raises SessionLimitError, whose `owners` are the sessions that hold the
    slots (a user has 64); SessionTimeoutError, StoreError, and
    UnsupportedPlatformError where there is no Restart Manager.

    Warns with LeftStoppedWarning where sessions of this user have died with
    programs stopped; it brings nothing back. (Ours.)
    """
    if not isinstance(label, str):
        raise TypeError(f"label is {label!r}, of type {type(label).__name__}: give a str")
    name = label.encode("utf-8")
    if len(name) > 255 or b"\0" in name:
        raise ValueError(f"label must have at most 255 bytes of UTF-8 and no NUL; it has {len(name)}")
    try:
        handle = _session.start(name, False, seconds(timeout, STORE_TIMEOUT))
    except SessionLimitError as error:
        raise _with_owners(error) from None
    try:
        _warn_of_left_stopped(handle.left_stopped())
    except BaseException:  # warnings can be errors
        handle.close(STORE_TIMEOUT)
        raise
    return PrimarySession._of(handle)


def join(key: str | None = None, *, timeout: float | None = None) -> JoinedSession:
    """Join a session by its key, as a secondary (RmJoinSession).

    key: what the primary's `session.key` says, in either case; None takes it
    from the environment variable RMCY_SESSION_KEY.
    timeout: seconds for the whole call; None is 10.

    Raises SessionAccessError (1219, also PermissionError) for a key that fits
    no session that this user may join, BadArgumentsError (160, also
    ValueError) for what is no key, SessionTimeoutError (121), StoreError (29),
    SessionLimitError (353).
    """
    if key is None:
        key = os.environ.get(KEY_VARIABLE)
        if not key:
            raise ValueError(
                f"no key was given and {KEY_VARIABLE} is not set: pass session.key, "
                "or start this program with session.child_env()"
            )
    elif not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}")
    limit = STORE_TIMEOUT if timeout is None else seconds(timeout, STORE_TIMEOUT)
    return JoinedSession._of(_session.join(str(key), limit))


def who(
    *paths: PathArg | Iterable[PathArg] | ArrowArray | ArrowStream, scope: Scope = "all", timeout: float | None = None
) -> AffectedList:
    """Tell who uses these files. Needs no session, no store and no rights.

    paths: at least one path; an iterable counts as its entries.
    scope: "mine" asks only about processes of this process's effective user.
    timeout: seconds for the whole call; None is 60.

    Names that nothing has are in `.missing`. Raises TypeError without any
    path, DirectoryRegisteredError (also IsADirectoryError) for a directory,
    SessionTimeoutError.
    """
    given: Sequence[PathArg] | PathList
    if len(paths) == 1:
        given = path_list(paths[0], "a path")
    else:
        given = [path for argument in paths for path in path_list(argument, "a path")]
    if not given:
        raise TypeError("who() needs at least one path")
    left = seconds(timeout, LIST_TIMEOUT)
    end = time.monotonic() + left
    handle = _session.start(b"", True, left)
    try:
        handle.register(given, (), (), _session.REFUSE_DIRECTORIES, left)
        return _affected(handle, scope, max(0.0, end - time.monotonic()))
    except DirectoryRegisteredError as error:
        error.advice = 'Name the files in it, or register it in a session with directories="expand".'
        raise
    finally:
        handle.close(STORE_TIMEOUT)


def directory_flags(directories: Directories) -> int:
    if not isinstance(directories, str) or directories not in _DIRECTORY_FLAGS:
        raise ValueError(f'directories is {directories!r}: use "refuse", "skip", "expand" or "accept"')
    return _DIRECTORY_FLAGS[directories]


def _warn_of_left_stopped(count: int) -> None:
    if count:
        warnings.warn(
            f"a session has died and left {count} program{'s' if count > 1 else ''} stopped: "
            "rmcy recover brings them back, or rmcy.recover()",
            LeftStoppedWarning,
            stacklevel=3,
        )


def _with_owners(error: SessionLimitError) -> SessionLimitError:
    try:
        owners = sessions(timeout=1.0)
    except OSError:
        owners = ()
    counts = Counter(info.owner.pid for info in owners)
    held = ", ".join(f"process {pid} has {count}" for pid, count in counts.most_common(8))
    text = f"{error.strerror}; {held}" if held else str(error.strerror)
    named = SessionLimitError(error.code, error.function, text, advice=error.advice)
    named.owners = owners
    return named


def _affected(handle: _session.Handle, scope: Scope, timeout: float | None) -> AffectedList:
    if scope not in ("all", "mine"):
        raise ValueError(f'scope is {scope!r}: use "all" or "mine"')
    return _judged(handle.affected(scope == "mine", seconds(timeout, LIST_TIMEOUT)))


def _judged(answer: Answer) -> AffectedList:
    processes, descriptors, maps, retries, nanoseconds = answer.counts
    return AffectedList._of(
        answer.programs,
        complete=answer.complete,
        skipped=[Skipped(cause=cause, count=count, pids=pids) for cause, count, pids in answer.skips],
        missing=answer.missing,
        reboot_reasons=RebootReason(answer.reboot_reasons),
        stats=ListStats(
            processes=processes,
            descriptors=descriptors,
            maps=maps,
            retries=retries,
            nanoseconds=nanoseconds,
            scanner=answer.scanner,
        ),
    )
