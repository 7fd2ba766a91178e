# SPDX-License-Identifier: MIT
"""To make records of an answer that names many programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from contest import Hold, Work
from rivals import Floor, GoodCtypes, PlainCtypes
from stand_in import StandIn

import rmcy


class Lister:
    def __init__(self, name: str, work: Work, check: Callable[[], None]) -> None:
        self.name = name
        self._work = work
        self.check = check

    def open(self) -> Work:
        return self._work

    def close(self) -> None:
        pass


def bench_list(stand_in: StandIn, hold: Hold, pytestconfig: pytest.Config) -> None:
    rows = pytestconfig.getoption("--rows")
    stand_in.answer(rows)
    good, plain, floor = GoodCtypes(stand_in.library), PlainCtypes(stand_in.library), Floor(stand_in.library)
    expected = [
        (1000 + n, (1 << 32) + 7 * n, "program number " + str(10000 + n % 80000)[::-1], "a-unit.service")
        for n in range(rows)
    ]

    def from_rmcy() -> None:
        found = [(app.process.pid, app.process.start_time, app.name, app.service) for app in session.affected()]
        assert found == expected

    def from_rows(ask: Callable[[int], Sequence[Sequence[object]]]) -> Callable[[], None]:
        def check() -> None:
            assert [tuple(row[:4]) for row in ask(session.handle)] == expected

        return check

    def from_c() -> None:
        running, no_session = 1, 0xFFFFFFFF
        numbers = sum(pid + running + no_session + len(name) + len(unit) for pid, _, name, unit in expected)
        assert floor.decode(session.handle) == numbers

    with rmcy.start() as session:
        handle = session.handle
        made = [
            Lister("rmcy", session.affected, from_rmcy),
            Lister("rmcy, the handle alone", partial(session._handle.affected, False, 60.0), from_rmcy),
            Lister("ctypes, good", partial(good.list, handle), from_rows(good.list)),
            Lister("ctypes, as people write it", partial(plain.list, handle), from_rows(plain.list)),
            Lister("C, no objects", partial(floor.decode, handle), from_c),
        ]
        hold("list programs", "null", rows, made, calls=1)
