# SPDX-License-Identifier: MIT
"""Who uses these files: rmcy, the tools that people ask, and the system calls alone.

At 100,000 files registering them is most of what rmcy does, and is timed; the
others get them as arguments, if they are asked at all (--slow).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest
from asking import Floor, Worker, absent, asker, of_rmcy, ways
from contest import Hold, Keep
from holders import Load
from stand_in import StandIn

import rmcy
from rmcy.bench import Contender

# The slowest contender takes seconds at this many files, and minutes with --slow.
MANY = 100_000


@pytest.fixture
def taking_part(load: Load, floor: ctypes.CDLL, targets: int, pytestconfig: pytest.Config) -> Iterator[list[Contender]]:
    made = list(ways(load, targets, floor, pytestconfig.getoption("--slow")))
    yield made
    for way in made:
        if isinstance(way, Worker):
            way.end()


def bench_who(taking_part: list[Contender], load: Load, targets: int, hold: Hold, pytestconfig: pytest.Config) -> None:
    hold(
        "who uses these files",
        "engine",
        targets,
        taking_part,
        calls=1,
        rounds=3 if targets >= MANY else 7,
        processes=load.processes,
        absent=absent(targets, pytestconfig.getoption("--slow")),
    )


def bench_who_growth(grown: Load, floor: ctypes.CDLL, stand_in: StandIn, hold: Hold, measure: Keep) -> None:
    """The same for more and more processes: rmcy and its floor alone, and what one process costs."""
    paths = grown.paths(1000)
    by_rmcy = asker("rmcy", grown, 1000, lambda: rmcy.who(paths), of_rmcy)
    others = [Floor(floor, grown, 1000)]
    held = hold("growth of processes", "engine", 1000, [by_rmcy, *others], calls=1, processes=grown.processes)
    with stand_in.behind("engine"):
        inspected = rmcy.who(paths).stats.processes
    measure("list, time of a process", grown.processes, held.per_call("rmcy").median / 1000 / inspected, "us")


@pytest.fixture
def grown(request: pytest.FixtureRequest) -> Iterator[Load]:
    with Load(request.param, [1000]) as made:
        yield made
