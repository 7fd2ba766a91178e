# SPDX-License-Identifier: MIT
"""To make Python objects of an answer that names many programs: when they are touched, all of them, or columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import by_restartmgr
import pytest
from contest import Hold
from rivals import ABSENT, HAS_NUMPY, Floor, Rival, numpy, rivals
from stand_in import StandIn

import rmcy
from rmcy.bench import Way, Work

Expected = list[tuple[int, int, str, str]]


def expected_rows(count: int) -> Expected:
    """What the library answers."""
    return [
        (1000 + n, (1 << 32) + 7 * n, "program number " + str(10000 + n % 80000)[::-1], "a-unit.service")
        for n in range(count)
    ]


def fixed(name: str, work: Callable[[], object], is_right: Callable[[], bool]) -> Way:
    return Way(name, lambda: work, lambda: None if is_right() else "other programs than the library named")


def asking(stand_in: StandIn, handle: int, expected: Expected) -> Iterator[Way]:
    """Those who always make every object."""

    def is_right(ask: Callable[[int], Sequence[Sequence[object]]]) -> bool:
        return [tuple(row[:4]) for row in ask(handle)] == expected

    for name, rival in rivals(stand_in.library).items():
        yield fixed(name, partial(rival.list, handle), partial(is_right, rival.list))
    yield from by_restartmgr.listers(expected)


class Keeping:
    """Keeps what was made to the end of the sample: an answer of rmcy's does so anyway, and letting go takes time."""

    def __init__(self, way: Way) -> None:
        self.name = way.name
        self.check = way.check
        self._way = way
        self._kept: list[object] = []

    def open(self) -> Work:
        work = self._way.open()
        return lambda: self._kept.append(work())

    def close(self) -> None:
        self._kept.clear()
        self._way.close()


def decoding(stand_in: StandIn, handle: int, expected: Expected) -> Iterator[Way]:
    """They have asked before."""

    def ready(rival: Rival) -> Work:
        return partial(rival.decode, rival.ask(handle))

    def check(rival: Rival) -> str | None:
        is_right = [tuple(row[:4]) for row in ready(rival)()] == expected
        return None if is_right else "other programs than the library named"

    for name, rival in rivals(stand_in.library).items():
        yield Way(name, partial(ready, rival), partial(check, rival))
    yield from by_restartmgr.decoders(expected)


def of_rmcy(answer: rmcy.AffectedList) -> Expected:
    return [(app.process.pid, app.process.start_time, app.name, app.service or "") for app in answer]


def columns(session: rmcy.PrimarySession) -> list[memoryview]:
    """The numbers of all rows, as columns that need no object for a row."""
    return list(session.affected().numbers().values())


def columns_by_numpy(session: rmcy.PrimarySession) -> list[object]:
    """The same out of the rows, by who sees them without a copy."""
    rows = numpy.asarray(session.affected())
    return [rows[word].copy() for word in ("pid", "start_time", "type", "status", "ts_session_id", "restartable")]


def in_c(stand_in: StandIn, handle: int, expected: Expected) -> Way:
    """It looks at every row where it is: here a list is not copied for it, nor for rmcy."""
    floor = Floor(stand_in.library)
    running, no_session = 1, 0xFFFFFFFF
    numbers = sum(pid + running + no_session + len(name) + len(unit) for pid, _, name, unit in expected)
    return fixed("C, no objects", partial(floor.decode, handle), lambda: floor.decode(handle) == numbers)


@contextmanager
def asked(
    stand_in: StandIn, rows: int, others: Callable[[StandIn, int, Expected], Iterator[Way]] = asking
) -> Iterator[tuple[rmcy.PrimarySession, list[Way]]]:
    """A session whose lists have so many rows, and who else makes objects of them."""
    stand_in.answer(rows)
    expected = expected_rows(rows)
    with rmcy.start() as session:
        handle = session.handle
        yield session, [*others(stand_in, handle, expected), in_c(stand_in, handle, expected)]


def bench_list(stand_in: StandIn, hold: Hold, pytestconfig: pytest.Config) -> None:
    """Records are made when they are touched: here none is."""
    rows = pytestconfig.getoption("--rows")
    with asked(stand_in, rows) as (session, others):
        expected = expected_rows(rows)
        made = [
            fixed("rmcy", session.affected, lambda: of_rmcy(session.affected()) == expected),
            fixed(
                "rmcy, the handle alone",
                partial(session._handle.affected, False, 60.0),
                lambda: of_rmcy(session.affected()) == expected,
            ),
        ]
        pids = [pid for pid, *_ in expected]
        made.append(
            fixed("rmcy, columns of numbers", partial(columns, session), lambda: list(columns(session)[0]) == pids)
        )
        if HAS_NUMPY:
            made.append(
                fixed(
                    "rmcy, columns by NumPy",
                    partial(columns_by_numpy, session),
                    lambda: list(columns_by_numpy(session)[0]) == pids,
                )
            )
        hold("list programs", "null", rows, [*made, *others], calls=1, absent=ABSENT)


def bench_list_every_record(stand_in: StandIn, hold: Hold, pytestconfig: pytest.Config) -> None:
    rows = pytestconfig.getoption("--rows")
    with asked(stand_in, rows) as (session, others):
        expected = expected_rows(rows)
        every = fixed("rmcy", lambda: list(session.affected()), lambda: of_rmcy(session.affected()) == expected)
        hold("list programs, every record", "null", rows, [every, *others], calls=1, absent=ABSENT)


def bench_decode(stand_in: StandIn, hold: Hold, pytestconfig: pytest.Config) -> None:
    """Every record of an answer that is there: asking, and what is copied for it, is no part of the sample."""
    rows = pytestconfig.getoption("--rows")
    with asked(stand_in, rows, decoding) as (session, others):
        expected = expected_rows(rows)

        def by_rmcy() -> Work:
            # Each record is made once, so each sample has an answer of its own.
            return partial(list, session.affected())

        ours = Way("rmcy", by_rmcy, lambda: None if of_rmcy(by_rmcy()()) == expected else "other programs than named")
        hold("decode a list", "null", rows, [Keeping(way) for way in (ours, *others)], calls=1, absent=ABSENT)
