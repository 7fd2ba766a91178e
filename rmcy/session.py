# SPDX-License-Identifier: MIT
"""Sessions: the primary's, the secondary's, and the short question that needs neither."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias, final, runtime_checkable

from rmcy import _handle
from rmcy._answer import Answer
from rmcy._lists import PathList
from rmcy._session import JoinedSession, SessionBase, join
from rmcy.acting import Acting
from rmcy.affected import AffectedList
from rmcy.enums import RebootReason
from rmcy.errors import DirectoryRegisteredError, LeftStoppedWarning, SessionLimitError
from rmcy.key import SessionKey
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg, path_list
from rmcy.programs import ProcessArg
from rmcy.records import ListStats, Registered, Skipped
from rmcy.recovery import sessions
from rmcy.seconds import LIST_TIMEOUT, STORE_TIMEOUT, seconds
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


@final
class PrimarySession(Acting, SessionBase):
    """The session of who called `start`: registers, is told who is affected, stops them and brings them back."""

    __slots__ = ("_stops",)

    @classmethod
    def _of(cls, handle: _handle.Handle) -> Self:
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
        handle = _handle.start(name, False, seconds(timeout, STORE_TIMEOUT))
    except SessionLimitError as error:
        raise _with_owners(error) from None
    try:
        _warn_of_left_stopped(handle.left_stopped())
    except BaseException:  # warnings can be errors
        handle.close(STORE_TIMEOUT)
        raise
    return PrimarySession._of(handle)


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
    handle = _handle.start(b"", True, left)
    try:
        handle.register(given, (), (), _handle.REFUSE_DIRECTORIES, left)
        return _affected(handle, scope, max(0.0, end - time.monotonic()))
    except DirectoryRegisteredError as error:
        error.advice = 'Name the files in it, or register it in a session with directories="expand".'
        raise
    finally:
        handle.close(STORE_TIMEOUT)


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


def _affected(handle: _handle.Handle, scope: Scope, timeout: float | None) -> AffectedList:
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
