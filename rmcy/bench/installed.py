# SPDX-License-Identifier: MIT
"""A small measurement of the rmcy that is installed: what it costs beside ctypes, over the library that it uses."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from rmcy.about import backend_info
from rmcy.bench.contest import Contender, Way, Work, hold
from rmcy.bench.programs import programs
from rmcy.bench.registrar import Registrar
from rmcy.bench.report import Report
from rmcy.bench.result import Result
from rmcy.bench.rival import GoodCtypes, Row
from rmcy.records import AffectedApp
from rmcy.session import PrimarySession, join, start

__all__ = ["measure"]

Programs: TypeAlias = set[tuple[int, int]]

SUBJECT, RIVAL = "rmcy", "ctypes"
FILES = 1000
PROGRAMS = 50
JOINS = 50
SINGLE = 50  # registrations of one path in a sample
LISTS = 5


def measure(*, rounds: int = 15) -> Report:
    """Measure registering, joining, listing and decoding, rmcy beside ctypes, in one run of a few seconds.

    rounds: of each contest; a sample of each contender is in each.

    Both call the Restart Manager that rmcy uses, with real sessions, files
    and programs: time that is the library's own is in both. What it comes to
    over a library that does nothing is for the project's benchmarks. (Ours.)

    Raises ValueError for less than one round, UnsupportedPlatformError where
    there is no Restart Manager, and what sessions raise.
    """
    if rounds < 1:
        raise ValueError(f"rounds is {rounds}: at least one is needed")
    return Report.of(_contests(rounds))


def _contests(rounds: int) -> Iterator[Result]:
    info = backend_info()
    held = partial(hold, library=info.backend, rounds=rounds)
    with tempfile.TemporaryDirectory(prefix="rmcy-bench-") as name, start(label="rmcy bench") as session:
        # Both names lead to what is loaded already; without a library of its own the system has one.
        rival = GoodCtypes(ctypes.CDLL(info.library or "rstrtmgr"))
        paths = _files(Path(name).resolve())
        yield held("join and leave", _joiners(rival, session, paths), size=1, calls=JOINS)
        for count, calls in ((1, SINGLE), (FILES, 1)):
            yield held("register files", _registrars(rival, paths[:count]), size=count, calls=calls)
    with programs(PROGRAMS) as running, start(label="rmcy bench") as session:
        session.register(processes=running)
        truth = {(process.pid, process.start_time) for process in running}
        yield held("list programs", _listers(rival, session, truth), size=PROGRAMS, calls=LISTS)
        yield held("decode a list", _decoders(rival, session, truth), size=PROGRAMS)


def _files(folder: Path) -> list[str]:
    paths = [str(folder / f"{n:07}") for n in range(FILES)]
    for path in paths:
        Path(path).touch()
    return paths


def _joiners(rival: GoodCtypes, session: PrimarySession, paths: Sequence[str]) -> list[Contender]:
    """What each registers through its handle must come to the primary; a file for each, or one would hide the other."""
    key = str(session.key)
    of_rmcy, of_ctypes = paths[:2]

    def by_rmcy() -> None:
        with join(key) as joined:
            rival.register(joined.handle, [of_rmcy])

    def by_ctypes() -> None:
        handle = rival.join(key)
        rival.register(handle, [of_ctypes])
        rival.end(handle)

    def check(register: Callable[[], None], path: str) -> str | None:
        register()
        with open(path, "rb"):
            found = {app.process.pid for app in session.affected()}
        return None if os.getpid() in found else "what was registered did not come to the primary"

    return [
        Way(SUBJECT, lambda: lambda: join(key).close(), partial(check, by_rmcy, of_rmcy)),
        Way(RIVAL, lambda: lambda: rival.end(rival.join(key)), partial(check, by_ctypes, of_ctypes)),
    ]


def _registrars(rival: GoodCtypes, paths: Sequence[str]) -> list[Contender]:
    def by_rmcy(session: PrimarySession) -> Work:
        return partial(session.register, paths)

    def by_ctypes(session: PrimarySession) -> Work:
        return partial(rival.register, session.handle, paths)

    return [Registrar(SUBJECT, by_rmcy, paths), Registrar(RIVAL, by_ctypes, paths)]


def _of_records(apps: Iterable[AffectedApp]) -> Programs:
    return {(app.process.pid, app.process.start_time) for app in apps}


def _of_rows(rows: Iterable[Row]) -> Programs:
    return {row[:2] for row in rows}


def _judged(found: Programs, truth: Programs) -> str | None:
    missed, added = len(truth - found), len(found - truth)
    return f"missed {missed} of {len(truth)} programs, {added} are not among them" if missed or added else None


def _listers(rival: GoodCtypes, session: PrimarySession, truth: Programs) -> list[Contender]:
    def by_rmcy() -> list[AffectedApp]:
        return list(session.affected())

    by_ctypes = partial(rival.list, session.handle)
    return [
        Way(SUBJECT, lambda: by_rmcy, lambda: _judged(_of_records(by_rmcy()), truth)),
        Way(RIVAL, lambda: by_ctypes, lambda: _judged(_of_rows(by_ctypes()), truth)),
    ]


def _decoders(rival: GoodCtypes, session: PrimarySession, truth: Programs) -> list[Contender]:
    """Python objects of an answer that is there already; rmcy makes each once, so each sample has its own answer."""

    def by_rmcy() -> Work:
        answer = session.affected()
        return lambda: list(answer)

    def by_ctypes() -> Work:
        return partial(rival.decode, rival.ask(session.handle))

    return [
        Way(SUBJECT, by_rmcy, lambda: _judged(_of_records(session.affected()), truth)),
        Way(RIVAL, by_ctypes, lambda: _judged(_of_rows(rival.list(session.handle)), truth)),
    ]
