# SPDX-License-Identifier: MIT
"""Thousands of joins or registrations in one call.

One that fails takes nothing from the others: it has its code, and its error,
by its index.  The loops run in C, and other threads run meanwhile.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Generic, Self, TypeAlias, TypeVar, final

from rmcy import _bulk
from rmcy.codes import error_for
from rmcy.directories import expand
from rmcy.errors import RestartManagerError
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg, path_list
from rmcy.records import Registered
from rmcy.registration import directory_flags
from rmcy.seconds import LIST_TIMEOUT, STORE_TIMEOUT, seconds
from rmcy.session import JoinedSession, PrimarySession

__all__ = ["Joined", "PathsArg", "RegisteredAll", "join", "register"]

PathsArg: TypeAlias = PathArg | Iterable[PathArg] | ArrowArray | ArrowStream
"""What `Session.register` takes as files."""

_S = TypeVar("_S", bound=PrimarySession | JoinedSession)


class _Result(ABC, Generic[_S]):
    __slots__ = ("_codes", "_errors")

    _what = "calls"

    def __init__(self, codes: memoryview, errors: Mapping[int, RestartManagerError]) -> None:
        self._codes = codes
        self._errors = MappingProxyType(dict(sorted(errors.items())))
        for index, error in errors.items():
            error.index = index
            error.add_note(f"index {index}")

    @property
    @abstractmethod
    def sessions(self) -> tuple[_S | None, ...]:
        """The sessions, in the order of what was given; None where there is none."""

    @property
    def codes(self) -> memoryview:
        """The result of each call, as a read-only buffer of uint32; 0 is success."""
        return self._codes

    @property
    def errors(self) -> Mapping[int, RestartManagerError]:
        """The errors, by index; each has it as `index` too."""
        return self._errors

    def raise_for_errors(self) -> None:
        """Raise an ExceptionGroup of all errors, if there is any; each says its index."""
        if self._errors:
            raise ExceptionGroup(
                f"{len(self._errors)} of {len(self._codes)} {self._what} failed", list(self._errors.values())
            )

    @abstractmethod
    def close(self) -> None:
        """Leave every session that this call joined. All are tried. Raises an ExceptionGroup of what failed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except ExceptionGroup as failed:
            # The body's exception always comes out.
            if error is None:
                raise
            error.add_note(f"Sessions could not be left either: {failed}")

    def __repr__(self) -> str:
        return f"<rmcy.bulk.{type(self).__name__} of {len(self._codes)}, {len(self._errors)} failed>"


@final
class Joined(_Result[JoinedSession]):
    """What `join` gives: a context manager that leaves all of its sessions.

    A session becomes an object when `sessions` is asked for.
    """

    __slots__ = ("_are_objects", "_joins")
    _what = "joins"

    def __init__(self, joins: _bulk.Joins) -> None:
        codes = joins.codes
        super().__init__(codes, {n: error_for(codes[n], "RmJoinSession") for n in joins.failed})
        self._joins = joins
        self._are_objects = False

    @property
    def sessions(self) -> tuple[JoinedSession | None, ...]:
        """The sessions, in the order of the keys; None where there is none."""
        self._are_objects = True
        return self._joins.sessions()

    def close(self) -> None:
        """Leave every session. All are tried. Raises an ExceptionGroup of what failed."""
        failed: list[Exception] = []
        left = [session for session in self._joins.sessions() if session] if self._are_objects else []
        try:
            failed += self._joins.leave(STORE_TIMEOUT)
            while left:
                _close(left.pop(), failed)
        except BaseException:
            # Ctrl-C: the others are left all the same.
            self._joins.leave(STORE_TIMEOUT)
            for session in left:
                _close(session, failed)
            raise
        if failed:
            raise ExceptionGroup(f"{len(failed)} of {len(self._codes)} sessions could not be left", failed)


def _close(session: JoinedSession, failed: list[Exception]) -> None:
    try:
        session.close()
    except OSError as error:
        failed.append(error)


@final
class RegisteredAll(_Result[PrimarySession | JoinedSession]):
    """What `register` gives: a context manager that leaves the sessions that it joined."""

    __slots__ = ("_joined", "_registered", "_sessions")
    _what = "registrations"

    def __init__(
        self,
        sessions: Iterable[PrimarySession | JoinedSession | None],
        joined: Joined,
        registered: Iterable[Registered | None],
        codes: memoryview,
        errors: Mapping[int, RestartManagerError],
    ) -> None:
        super().__init__(codes, errors)
        self._sessions = tuple(sessions)
        self._joined = joined
        self._registered = tuple(registered)

    @property
    def sessions(self) -> tuple[PrimarySession | JoinedSession | None, ...]:
        """The session of each pair; None where there is none."""
        return self._sessions

    @property
    def registered(self) -> tuple[Registered | None, ...]:
        """What each registration stored; None where it failed."""
        return self._registered

    def close(self) -> None:
        """Leave every session that was joined by its key; sessions that were given stay open.

        All are tried. Raises an ExceptionGroup of what failed.
        """
        self._joined.close()


def join(keys: Iterable[str], *, timeout: float | None = None) -> Joined:
    """Join by many keys, as `rmcy.join` does by one.

    timeout: seconds for all of them together; None is 10. What is not joined
    by then has the code 121.

    Raises TypeError, with the index, for what is no str, before anything is
    joined. Ctrl-C comes out, and nothing stays joined.
    """
    if isinstance(keys, (str, bytes)):
        raise TypeError("keys is a lone text: rmcy.join() takes one key")
    return Joined(_bulk.join(keys, seconds(timeout, STORE_TIMEOUT)))


def register(
    pairs: Iterable[tuple[PrimarySession | JoinedSession | str, PathsArg]],
    *,
    directories: Directories = "refuse",
    timeout: float | None = None,
) -> RegisteredAll:
    """Register many lists of files, each in the session beside it: all of a list or, with an error, none of it.

    pairs: a session, or the key of one, which is joined, once for all pairs
    with the same key; and files, as `Session.register` takes them.
    directories: as in `Session.register`.
    timeout: seconds for all of it; None is 60. What is not done by then has
    the code 121.

    Raises TypeError for what is no path, before anything is registered.
    Ctrl-C comes out; what was registered stays, and nothing stays joined.
    """
    flags = directory_flags(directories)
    whole = seconds(timeout, LIST_TIMEOUT)
    end = monotonic() + whole
    targets: list[PrimarySession | JoinedSession | str] = []
    lists: list[object] = []
    for index, pair in enumerate(pairs):
        target, paths = _pair(index, pair)
        files = path_list(paths, f"pairs[{index}][1]")
        lists.append(expand(files, max(0.0, end - monotonic())) if directories == "expand" else files)
        targets.append(target)
    keys = list(dict.fromkeys(target for target in targets if isinstance(target, str)))
    joined = join(keys, timeout=max(0.0, end - monotonic()))
    try:
        at = {key: n for n, key in enumerate(keys)}
        sessions = [joined.sessions[at[target]] if isinstance(target, str) else target for target in targets]
        codes = [joined.codes[at[target]] if isinstance(target, str) else 0 for target in targets]
        handles = [None if session is None else session._handle for session in sessions]
        answers, errors, results = _bulk.register(handles, lists, codes, flags, max(0.0, end - monotonic()))
        for n, session in enumerate(sessions):
            if session is None:
                errors[n] = error_for(codes[n], "RmJoinSession")
        made = RegisteredAll(sessions, joined, answers, results, errors)
    except BaseException:
        joined.close()
        raise
    return made


def _pair(
    index: int, pair: tuple[PrimarySession | JoinedSession | str, PathsArg]
) -> tuple[PrimarySession | JoinedSession | str, PathsArg]:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"pairs[{index}] is of type {type(pair).__name__}: give tuples (session or key, files)")
    if not isinstance(pair[0], (PrimarySession, JoinedSession, str)):
        raise TypeError(f"pairs[{index}][0] is of type {type(pair[0]).__name__}: give a session, or its key")
    return pair
