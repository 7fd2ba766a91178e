# SPDX-License-Identifier: MIT
"""To join a session by its key and to leave it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from contest import Hold, Work
from rivals import GoodCtypes, PlainCtypes
from stand_in import LIBRARIES, StandIn

import rmcy
from rmcy import _session

MADE_UP = "/nobody has a file of this name"

# Joins by the key, calls what it is given with the number of the handle, leaves.
Way = Callable[[str, Callable[[int], None]], None]


class Joiner:
    def __init__(self, name: str, stand_in: StandIn, primary: rmcy.PrimarySession, way: Way, work: Work) -> None:
        self.name = name
        self._stand_in = stand_in
        self._primary = primary
        self._way = way
        self._work = work

    def open(self) -> Work:
        return self._work

    def close(self) -> None:
        pass

    def check(self) -> None:
        """What is registered through the handle reaches the library, and in the engine the primary."""
        register = GoodCtypes(self._stand_in.library).register
        name = f"{MADE_UP}: {self.name}"
        with self._stand_in.watched():
            self._way(str(self._primary.key), lambda handle: register(handle, [name]))
        if self._stand_in.is_through:
            assert name in self._primary.affected(scope="mine").missing
        else:
            assert self._stand_in.seen() == f"{self._primary.key}\0{name}\0".encode("utf-16-le")


@pytest.fixture
def joiners(stand_in: StandIn, library: str) -> Iterator[list[Joiner]]:
    good, plain = GoodCtypes(stand_in.library), PlainCtypes(stand_in.library)

    def through_rmcy(key: str, use: Callable[[int], None]) -> None:
        with rmcy.join(key) as joined:
            use(joined.handle)

    def through_handle(key: str, use: Callable[[int], None]) -> None:
        joined = _session.join(key, 10.0)
        use(joined.value)
        joined.close(10.0)

    def through_ctypes(rival: GoodCtypes | PlainCtypes) -> Way:
        def way(key: str, use: Callable[[int], None]) -> None:
            handle = rival.join(key)
            use(handle)
            rival.end(handle)

        return way

    with stand_in.behind(library), rmcy.start() as primary:
        key = str(primary.key)
        ways: dict[str, tuple[Way, Work]] = {
            "rmcy": (through_rmcy, lambda: rmcy.join(key).close()),
            "rmcy, the handle alone": (through_handle, lambda: _session.join(key, 10.0).close(10.0)),
            "ctypes, good": (through_ctypes(good), lambda: good.end(good.join(key))),
            "ctypes, as people write it": (through_ctypes(plain), lambda: plain.end(plain.join(key))),
        }
        yield [Joiner(name, stand_in, primary, way, work) for name, (way, work) in ways.items()]


@pytest.mark.parametrize("library", LIBRARIES)
def bench_join_and_leave(joiners: list[Joiner], hold: Hold, library: str) -> None:
    hold("join and leave", library, 1, joiners, calls=10_000 if library == "null" else 100)
