# SPDX-License-Identifier: MIT
"""To register lists of paths, of each width of text that Python has, and of processes."""

from __future__ import annotations

import ctypes
import os
import random
from array import array
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from struct import Struct

import by_restartmgr
import pytest
from contest import Hold
from rivals import ABSENT, ABSENT_FROM_ENGINE, BY_NUMPY, HAS_NUMPY, Floor, NumpyCtypes, Rival, rivals
from stand_in import StandIn

import rmcy
from rmcy import _handle
from rmcy.bench import Contender, Way, Work
from rmcy.bench.registrar import Registrar
from rmcy.bench.rival import GoodCtypes

LENGTH = 60
# One character of each width: 1 byte a character, 1 that is not ASCII, 2, and 4 (two units in UTF-16).
KINDS = {"ASCII": "o", "Latin-1": "é", "UCS-2": "€", "UCS-4": "😀"}


class NullRegistrar(Registrar):
    """Over a library that does nothing: it is asked what it was given."""

    def __init__(self, name: str, stand_in: StandIn, ready: Callable[[rmcy.PrimarySession], Work], seen: bytes) -> None:
        super().__init__(name, ready, ())
        self._stand_in = stand_in
        self._seen = seen

    def check(self) -> str | None:
        work = self.open()
        with self._stand_in.watched():
            work()
        self.close()
        return None if self._stand_in.seen() == self._seen else "the library was given something else"


def texts(count: int, character: str = "o") -> list[str]:
    """Different texts that look like paths."""
    return [f"/usr/lib/programs/{n % 200:03}/{n:07}{character}.so".ljust(LENGTH, character) for n in range(count)]


def ways(stand_in: StandIn, paths: list[str]) -> dict[str, Callable[[rmcy.PrimarySession], Work]]:
    def through(rival: Rival) -> Callable[[rmcy.PrimarySession], Work]:
        return lambda session: partial(rival.register, session.handle, paths)

    made: dict[str, Callable[[rmcy.PrimarySession], Work]] = {
        "rmcy": lambda session: partial(session.register, paths),
        "rmcy, the handle alone": lambda session: partial(
            session._handle.register, paths, (), (), _handle.REFUSE_DIRECTORIES, 60.0
        ),
    }
    made |= {name: through(rival) for name, rival in rivals(stand_in.library).items()}
    if HAS_NUMPY:
        made[BY_NUMPY] = through(NumpyCtypes(stand_in.library))
    return made


def contenders(stand_in: StandIn, paths: list[str]) -> list[Contender]:
    seen = "".join(f"{path}\0" for path in paths).encode("utf-16-le")
    made = [NullRegistrar(name, stand_in, ready, seen) for name, ready in ways(stand_in, paths).items()]
    return [*made, *by_restartmgr.registrars(paths)]


def statx(floor: ctypes.CDLL, paths: list[str]) -> Way:
    """What the system takes to look at each file; the names are ready."""
    look = floor["floor_look"]
    look.restype = ctypes.c_size_t
    names = (ctypes.c_char_p * len(paths))(*map(os.fsencode, paths))
    work = partial(look, names, ctypes.c_size_t(len(paths)))

    def check() -> str | None:
        found = work()
        return None if found == len(paths) else f"it saw {found} of {len(paths)} files"

    return Way("C, one statx each", lambda: work, check)


def bench_register(stand_in: StandIn, hold: Hold, size: int) -> None:
    paths = texts(size)
    floor = NullRegistrar(
        "C, texts ready",
        stand_in,
        lambda session: Floor(stand_in.library).prepare(session.handle, paths),
        "".join(f"{path}\0" for path in paths).encode("utf-16-le"),
    )
    hold("register ASCII paths", "null", size, [*contenders(stand_in, paths), floor], absent=ABSENT)


def bench_register_packed(stand_in: StandIn, hold: Hold, size: int) -> None:
    """A list that was packed before, and one that is packed from two buffers, beside an array of pointers in ctypes."""
    paths = texts(size)
    seen = "".join(f"{path}\0" for path in paths).encode("utf-16-le")
    packed = rmcy.PathList(paths)
    arena = "".join(paths).encode("utf-16-le")
    offsets = array("Q", accumulate(map(len, paths), initial=0))
    good = GoodCtypes(stand_in.library)
    address = ctypes.cast(seen, ctypes.c_void_p).value or 0
    pointers = array("Q", accumulate((2 * len(path) + 2 for path in paths), initial=address))
    ready_at = pointers.buffer_info()[0]
    made: dict[str, Callable[[rmcy.PrimarySession], Work]] = {
        "rmcy": lambda session: partial(session.register, packed),
        "rmcy, two buffers": lambda session: lambda: session.register(rmcy.PathList.from_buffers(arena, offsets)),
        "ctypes, pointers ready": lambda session: partial(good.register_pointers, session.handle, size, ready_at),
    }
    hold(
        "register packed paths",
        "null",
        size,
        [NullRegistrar(name, stand_in, ready, seen) for name, ready in made.items()],
    )


def bench_register_scattered(stand_in: StandIn, hold: Hold, size: int) -> None:
    paths = texts(size)
    random.Random(size).shuffle(paths)
    hold("register ASCII paths scattered in memory", "null", size, contenders(stand_in, paths), absent=ABSENT)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ASCII"])
def bench_register_wider_text(stand_in: StandIn, hold: Hold, size: int, kind: str) -> None:
    hold(f"register {kind} paths", "null", size, contenders(stand_in, texts(size, KINDS[kind])), absent=ABSENT)


def bench_register_files(stand_in: StandIn, hold: Hold, size: int, tmp_path: Path, floor: ctypes.CDLL) -> None:
    paths = []
    for n in range(size):
        directory = tmp_path / f"{n % 200:03}"
        if n < 200:
            directory.mkdir()
        path = f"{directory}/{n:07}".ljust(LENGTH, "o")
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        paths.append(path)
    with stand_in.behind("engine"):
        made = [Registrar(name, ready, paths) for name, ready in ways(stand_in, paths).items()]
        everybody = [*made, statx(floor, paths)]
        hold("register files", "engine", size, everybody, calls=max(1, 1000 // size), absent=ABSENT_FROM_ENGINE)


def bench_register_processes(stand_in: StandIn, hold: Hold, size: int) -> None:
    pairs = [(1000 + n, (1 << 32) + 7 * n) for n in range(size)]
    records = [rmcy.UniqueProcess(pid, start_time) for pid, start_time in pairs]
    pack = Struct("=IQ").pack
    seen = b"".join(pack(pid, start_time) for pid, start_time in pairs)
    made: dict[str, Callable[[rmcy.PrimarySession], Work]] = {
        "rmcy": lambda session: partial(session.register, (), records),
        "rmcy, pairs of numbers": lambda session: partial(session.register, (), pairs),
    }

    def through(rival: Rival) -> Callable[[rmcy.PrimarySession], Work]:
        return lambda session: partial(rival.register_processes, session.handle, pairs)

    made |= {name: through(rival) for name, rival in rivals(stand_in.library).items()}
    hold(
        "register processes", "null", size, [NullRegistrar(name, stand_in, ready, seen) for name, ready in made.items()]
    )
