# SPDX-License-Identifier: MIT
"""To register lists of paths, of each width of text that Python has, and of processes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from struct import Struct

import pytest
from contest import Hold, Work
from rivals import HAS_NUMPY, Floor, GoodCtypes, PlainCtypes
from stand_in import StandIn

import rmcy
from rmcy import _session

LENGTH = 60
# One character of each width: 1 byte a character, 1 that is not ASCII, 2, and 4 (two units in UTF-16).
KINDS = {"ASCII": "o", "Latin-1": "é", "UCS-2": "€", "UCS-4": "😀"}


class Registrar:
    """A way to register; each sample has a session of its own."""

    def __init__(self, name: str, stand_in: StandIn, ready: Callable[[rmcy.PrimarySession], Work], seen: bytes) -> None:
        self.name = name
        self._stand_in = stand_in
        self._ready = ready
        self._seen = seen
        self._session: rmcy.PrimarySession | None = None

    def open(self) -> Work:
        self._session = rmcy.start()
        return self._ready(self._session)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def check(self) -> None:
        """The library is given what it should be given."""
        work = self.open()
        with self._stand_in.watched():
            work()
        self.close()
        assert self._stand_in.seen() == self._seen


class FileRegistrar(Registrar):
    """The same with the engine, which knows files: it is asked about some that this process has open."""

    def __init__(
        self, name: str, stand_in: StandIn, ready: Callable[[rmcy.PrimarySession], Work], paths: Sequence[str]
    ) -> None:
        super().__init__(name, stand_in, ready, b"")
        self._paths = {paths[0], paths[len(paths) // 2], paths[-1]}

    def check(self) -> None:
        self.open()()
        assert self._session is not None
        with ExitStack() as opened:
            for path in self._paths:
                opened.enter_context(open(path, "rb"))
            answer = self._session.affected(scope="mine")
        self.close()
        uses = {use.path for app in answer if app.process.pid == os.getpid() for use in app.uses or ()}
        assert uses == self._paths


def texts(count: int, character: str = "o") -> list[str]:
    """Different texts that look like paths."""
    return [f"/usr/lib/programs/{n % 200:03}/{n:07}{character}.so".ljust(LENGTH, character) for n in range(count)]


def ways(stand_in: StandIn, paths: list[str]) -> dict[str, Callable[[rmcy.PrimarySession], Work]]:
    good, plain = GoodCtypes(stand_in.library), PlainCtypes(stand_in.library)
    made: dict[str, Callable[[rmcy.PrimarySession], Work]] = {
        "rmcy": lambda session: partial(session.register, paths),
        "rmcy, the handle alone": lambda session: partial(
            session._handle.register, paths, (), (), _session.REFUSE_DIRECTORIES, 60.0
        ),
        "ctypes, good": lambda session: partial(good.register, session.handle, paths),
        "ctypes, as people write it": lambda session: partial(plain.register, session.handle, paths),
    }
    if HAS_NUMPY:
        made["ctypes, good, with NumPy"] = lambda session: partial(good.register_numpy, session.handle, paths)
    return made


def contenders(stand_in: StandIn, paths: list[str]) -> list[Registrar]:
    seen = "".join(f"{path}\0" for path in paths).encode("utf-16-le")
    return [Registrar(name, stand_in, ready, seen) for name, ready in ways(stand_in, paths).items()]


def bench_register(stand_in: StandIn, hold: Hold, size: int) -> None:
    paths = texts(size)
    floor = Registrar(
        "C, texts ready",
        stand_in,
        lambda session: Floor(stand_in.library).prepare(session.handle, paths),
        "".join(f"{path}\0" for path in paths).encode("utf-16-le"),
    )
    hold("register ASCII paths", "null", size, [*contenders(stand_in, paths), floor])


def bench_register_scattered(stand_in: StandIn, hold: Hold, size: int) -> None:
    paths = texts(size)
    random.Random(size).shuffle(paths)
    hold("register ASCII paths scattered in memory", "null", size, contenders(stand_in, paths))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ASCII"])
def bench_register_wider_text(stand_in: StandIn, hold: Hold, size: int, kind: str) -> None:
    hold(f"register {kind} paths", "null", size, contenders(stand_in, texts(size, KINDS[kind])))


def bench_register_files(stand_in: StandIn, hold: Hold, size: int, tmp_path: Path) -> None:
    paths = []
    for n in range(size):
        directory = tmp_path / f"{n % 200:03}"
        if n < 200:
            directory.mkdir()
        path = f"{directory}/{n:07}".ljust(LENGTH, "o")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        paths.append(path)
    with stand_in.behind("engine"):
        made = [FileRegistrar(name, stand_in, ready, paths) for name, ready in ways(stand_in, paths).items()]
        hold("register files", "engine", size, made, calls=max(1, 1000 // size))


def bench_register_processes(stand_in: StandIn, hold: Hold, size: int) -> None:
    pairs = [(1000 + n, (1 << 32) + 7 * n) for n in range(size)]
    records = [rmcy.UniqueProcess(pid, start_time) for pid, start_time in pairs]
    pack = Struct("=IQ").pack
    seen = b"".join(pack(pid, start_time) for pid, start_time in pairs)
    good, plain = GoodCtypes(stand_in.library), PlainCtypes(stand_in.library)
    made: dict[str, Callable[[rmcy.PrimarySession], Work]] = {
        "rmcy": lambda session: partial(session.register, (), records),
        "rmcy, pairs of numbers": lambda session: partial(session.register, (), pairs),
        "ctypes, good": lambda session: partial(good.register_processes, session.handle, pairs),
        "ctypes, as people write it": lambda session: partial(plain.register_processes, session.handle, pairs),
    }
    hold("register processes", "null", size, [Registrar(name, stand_in, ready, seen) for name, ready in made.items()])
