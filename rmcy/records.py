# SPDX-License-Identifier: MIT
"""The small records. Those that are made by the thousand are extension types, in `rmcy._records`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rmcy._records import AffectedApp, FileUse, Registered, UniqueProcess
from rmcy.enums import SessionState, SkipCause

__all__ = [
    "AffectedApp",
    "BackendInfo",
    "FileUse",
    "ListStats",
    "Registered",
    "SessionInfo",
    "Skipped",
    "UniqueProcess",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What a list could not inspect, by cause.

    `count` is how many processes (files, for SkipCause.FILE); 0 where they
    cannot be counted. `pids` may name fewer than `count`.
    """

    cause: SkipCause
    count: int
    pids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStats:
    """What a list cost: what was inspected, what had to be read again, nanoseconds, and the scanner that did it."""

    processes: int = 0
    descriptors: int = 0
    maps: int = 0
    retries: int = 0
    nanoseconds: int = 0
    scanner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session in this user's store. The key is not in it: the store does not know it.

    `owner` has start_time 0 where that is not known. `secondaries`: processes
    that joined and registered, or are still joined. `records`: batches that
    they registered. `stopped`: programs and services that it stopped, or was
    about to, and has not brought back; `rmcy.recover()` does where the owner
    has died. `started`: by the clock of the start, UTC. `slot` is None for a
    session that has none (any more) and is listed for what it has stopped,
    and for one that cannot be read.
    """

    slot: int | None
    owner: UniqueProcess
    state: SessionState
    secondaries: int
    records: int
    started: datetime
    label: str = ""
    stopped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """The Restart Manager in use.

    `backend`: "engine" (rmcy's own, Linux), "rstrtmgr" (Windows) or "none".
    `library`: path of the loaded library, for C and ctypes; None where the
    backend is the system's own. `scanners`: the ways of looking that work
    here, best first; `scanner`: the one in use. `store`: where this user's
    sessions are, None without one. `session_limit`: sessions that a user can
    have at a time.
    """

    backend: str
    version: str
    library: str | None
    scanners: tuple[str, ...]
    scanner: str
    store: str | None
    session_limit: int
