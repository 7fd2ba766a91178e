# SPDX-License-Identifier: MIT
"""Contenders that do the same work, timed in rounds: each round has all of them once, in a drawn order.

A ratio is made inside a round, whose contenders saw the same machine; the
median over the rounds is what is reported. The order is drawn from a fixed
seed, so a run can be repeated.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from time import perf_counter_ns
from typing import Protocol

Work = Callable[[], object]


class Benchmark(Protocol):
    """What is used of pytest-benchmark's fixture."""

    extra_info: dict[str, object]

    def pedantic(
        self, target: Work, *, setup: Callable[[], None], teardown: Callable[[], None], rounds: int
    ) -> object: ...


class Contender(Protocol):
    """One way to do the work."""

    name: str

    def open(self) -> Work:
        """Make ready, untimed, before each sample; what is returned is timed."""
        ...

    def close(self) -> None:
        """Clear away, untimed, after each sample."""
        ...

    def check(self) -> str | None:
        """Do the work once, before anything is timed, and tell what is wrong with what came of it.

        Where nobody can be forgiven for being wrong it is asserted.
        """
        ...


@dataclass(frozen=True)
class Round:
    order: list[str]
    ns: dict[str, int]


@dataclass
class Contest:
    """Contenders over one library and one size of input; the first is the one whose advantage is asked for."""

    name: str
    library: str
    size: int
    calls: int
    contenders: Sequence[Contender]
    processes: int | None = None
    # How much is done by a contender's call, where they do not all do as much.
    units: Mapping[str, int] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def run(self, benchmark: Benchmark, rounds: int) -> None:
        """Check everybody, then time them; pytest-benchmark times the first one too."""
        subject, *rivals = self.contenders
        for contender in self.contenders:
            wrong = contender.check()
            assert wrong is None or contender is not subject, f"{contender.name}: {wrong}"
            if wrong is not None:
                self.wrong[contender.name] = wrong
            if self.calls > 1:
                # Where one call is long, the check has warmed up all that can be.
                self.sample(contender)
        draw = random.Random(f"{self.name} {self.library} {self.size}")
        order: list[Contender] = []
        ns: dict[str, int] = {}

        def time(contenders: list[Contender]) -> None:
            for contender in contenders:
                ns[contender.name] = self.sample(contender)

        def before() -> None:
            ns.clear()
            order[:] = draw.sample([subject, *rivals], len(self.contenders))
            time(order[: order.index(subject)])

        def after() -> None:
            time(order[order.index(subject) + 1 :])
            self.rounds.append(Round([contender.name for contender in order], dict(ns)))

        with _without_collector():
            benchmark.pedantic(lambda: time([subject]), setup=before, teardown=after, rounds=rounds)
        benchmark.extra_info["ratios"] = {name: self.ratio(name)["median"] for name in self.names()[1:]}

    def sample(self, contender: Contender) -> int:
        """Nanoseconds of all calls of one sample."""
        work = contender.open()
        try:
            start = perf_counter_ns()
            for _ in repeat(None, self.calls):
                work()
            return perf_counter_ns() - start
        finally:
            contender.close()

    def names(self) -> list[str]:
        return [contender.name for contender in self.contenders]

    def per_call(self, name: str) -> dict[str, float]:
        """Nanoseconds of one call, or of one unit of it."""
        taken = [one.ns[name] / self.calls / self.units.get(name, 1) for one in self.rounds]
        return {"median": statistics.median(taken), "min": min(taken)}

    def ratio(self, name: str) -> dict[str, float]:
        """How many times as long as the first contender it took, in the same round; for one unit, where there are."""
        first = self.names()[0]
        share = self.units.get(first, 1) / self.units.get(name, 1)
        ratios = sorted(one.ns[name] / one.ns[first] * share for one in self.rounds)
        quarter = len(ratios) // 4
        return {
            "median": statistics.median(ratios),
            "lower_quartile": ratios[quarter],
            "upper_quartile": ratios[-1 - quarter],
            "min": ratios[0],
            "max": ratios[-1],
        }


class Hold(Protocol):
    """The fixture that holds a contest and keeps what came of it."""

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
    ) -> None: ...


@contextmanager
def _without_collector() -> Iterator[None]:
    # It would run in the sample of whoever happens to make the object that is one too many.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
