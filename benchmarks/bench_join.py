# SPDX-License-Identifier: MIT
"""To join a session by its key and to leave it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from typing import Generic, TypeVar

import pytest
from contest import Hold
from rivals import ABSENT_FROM_JOINING, Floor, Rival, rivals
from stand_in import LIBRARIES, StandIn

import rmcy
import rmcy.bulk
from rmcy import _bulk, _handle
from rmcy.bench import Contender, Way, Work
from rmcy.bench.rival import GoodCtypes

MADE_UP = "/nobody has a file of this name"

# Joins by the key, calls what it is given with the number of the handle, leaves.
Join = Callable[[str, Callable[[int], None]], None]

Joined = TypeVar("Joined")


def joiner(name: str, stand_in: StandIn, primary: rmcy.PrimarySession, join: Join, work: Work) -> Way:
    def check() -> str | None:
        """What is registered through the handle reaches the library, and in the engine the primary."""
        register = GoodCtypes(stand_in.library).register
        path = f"{MADE_UP}: {name}"
        with stand_in.watched():
            join(str(primary.key), lambda handle: register(handle, [path]))
        if stand_in.is_through:
            is_right = path in primary.affected(scope="mine").missing
        else:
            is_right = stand_in.seen() == f"{primary.key}\0{path}\0".encode("utf-16-le")
        return None if is_right else "what was registered through the handle did not arrive"

    return Way(name, lambda: work, check)


@pytest.fixture
def joiners(stand_in: StandIn, library: str) -> Iterator[list[Way]]:
    def through_rmcy(key: str, use: Callable[[int], None]) -> None:
        with rmcy.join(key) as joined:
            use(joined.handle)

    def through_handle(key: str, use: Callable[[int], None]) -> None:
        joined = _handle.join(key, 10.0)
        use(joined.value)
        joined.close(10.0)

    def through_rival(rival: Rival) -> Join:
        def join(key: str, use: Callable[[int], None]) -> None:
            handle = rival.join(key)
            use(handle)
            rival.end(handle)

        return join

    with stand_in.behind(library), rmcy.start() as primary:
        key = str(primary.key)
        ways: dict[str, tuple[Join, Work]] = {
            "rmcy": (through_rmcy, lambda: rmcy.join(key).close()),
            "rmcy, the handle alone": (through_handle, lambda: _handle.join(key, 10.0).close(10.0)),
        }
        for name, rival in rivals(stand_in.library).items():
            ways[name] = (through_rival(rival), partial(join_and_end, rival, key))
        yield [joiner(name, stand_in, primary, join, work) for name, (join, work) in ways.items()]


def join_and_end(rival: Rival, key: str) -> None:
    rival.end(rival.join(key))


@pytest.mark.parametrize("library", LIBRARIES)
def bench_join_and_leave(joiners: list[Way], hold: Hold, library: str) -> None:
    hold("join and leave", library, 1, joiners, calls=10_000 if library == "null" else 100, absent=ABSENT_FROM_JOINING)


class Joiner(Generic[Joined]):
    """Only joins; what it has joined is left when the sample is over."""

    def __init__(
        self,
        name: str,
        stand_in: StandIn,
        join: Callable[..., Joined],
        leave: Callable[[Joined], object],
        *given: object,
    ) -> None:
        self.name = name
        self._stand_in = stand_in
        self._join = join
        self._leave = leave
        self._given = given
        self._joined: list[Joined] = []

    def open(self) -> Work:
        # Each call joins once and keeps what it got, without a function in Python round it.
        return map(self._joined.append, map(self._join, *map(repeat, self._given))).__next__

    def close(self) -> None:
        for joined in self._joined:
            self._leave(joined)
        self._joined.clear()

    def check(self) -> str | None:
        work = self.open()
        with self._stand_in.watched():
            work()
        self.close()
        key, *_ = self._given
        return None if self._stand_in.seen() == f"{key}\0".encode("utf-16-le") else "the library was not given the key"


def bench_join(stand_in: StandIn, hold: Hold) -> None:
    """Only joining is timed: what it is to leave differs more from one to the other."""
    with rmcy.start() as primary:
        key = str(primary.key)
        made: list[Contender] = [
            Joiner("rmcy", stand_in, rmcy.join, rmcy.JoinedSession.close, key),
            Joiner("rmcy, the handle alone", stand_in, _handle.join, lambda joined: joined.close(10.0), key, 10.0),
        ]
        for name, rival in rivals(stand_in.library).items():
            made.append(Joiner(name, stand_in, rival.join, rival.end, key))
        hold("join", "null", 1, made, calls=10_000, absent=ABSENT_FROM_JOINING)


def bench_join_many(stand_in: StandIn, hold: Hold, size: int) -> None:
    """Thousands in one call, beside a loop in C that joins and leaves."""
    with rmcy.start() as primary:
        key = str(primary.key)
        keys = [key] * size
        floor = Floor(stand_in.library)

        def seen_by(work: Work) -> str | None:
            with stand_in.watched():
                work()
            wanted = f"{key}\0".encode("utf-16-le") * size
            return None if stand_in.seen() == wanted else "the library was not given each key"

        def by_rmcy() -> None:
            rmcy.bulk.join(keys).close()

        def one_by_one() -> None:
            for key in keys:
                rmcy.join(key).close()

        works: dict[str, Work] = {
            "rmcy": by_rmcy,
            "rmcy, the loop alone": lambda: _bulk.join(keys, 60.0).leave(10.0),
            "rmcy, one by one": one_by_one,
            "C": floor.prepare_join(keys),
        }
        made = [Way(name, partial(_given, work), partial(seen_by, work)) for name, work in works.items()]
        hold("join and leave many", "null", size, made)


def _given(work: Work) -> Work:
    return work
