# SPDX-License-Identifier: MIT
"""A contest as a test of pytest-benchmark: what holds it is `rmcy.bench.hold`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from stand_in import STAND_IN  # it must be loaded before rmcy

from rmcy.bench import Absent, Contender, Result, Turns, Work, hold

Keep = Callable[[str, int, float, str], None]
"""Keeps a number that is no time: what it is, how much of it was there, the number and its unit."""


class Benchmark(Protocol):
    """What is used of pytest-benchmark's fixture."""

    extra_info: dict[str, object]

    def pedantic(
        self, target: Work, *, setup: Callable[[], None], teardown: Callable[[], None], rounds: int
    ) -> object: ...


def turns(benchmark: Benchmark) -> Turns:
    """Rounds as pytest-benchmark makes them, which times the first contender too."""

    def turn(work: Work, before: Callable[[], None], after: Callable[[], None], rounds: int) -> None:
        benchmark.pedantic(work, setup=before, teardown=after, rounds=rounds)

    return turn


class Hold:
    """Holds a contest for a test and keeps what came of it; at most so many rounds, and calls in a sample."""

    def __init__(self, benchmark: Benchmark, rounds: int, calls: int, keep: Callable[[Result], None]) -> None:
        self._benchmark = benchmark
        self._rounds = rounds
        self._calls = calls
        self._keep = keep

    def __call__(
        self,
        name: str,
        library: str,
        size: int,
        contenders: Sequence[Contender],
        *,
        calls: int | None = None,
        rounds: int | None = None,
        processes: int | None = None,
        units: Mapping[str, int] | None = None,
        absent: Iterable[Absent] = (),
    ) -> Result:
        wanted = max(1, 100_000 // size) if calls is None else calls
        with STAND_IN.behind(library):
            result = hold(
                name,
                contenders,
                library=library,
                size=size,
                calls=min(wanted, self._calls),
                rounds=min(self._rounds, rounds or self._rounds),
                processes=processes,
                units=units,
                absent=absent,
                turns=turns(self._benchmark),
            )
        assert result.subject.wrong is None, f"{result.subject.name}: {result.subject.wrong}"
        self._benchmark.extra_info["ratios"] = {one.name: result.ratio(one.name).median for one in result.rivals}
        self._keep(result)
        return result
