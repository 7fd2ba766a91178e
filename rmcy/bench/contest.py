# SPDX-License-Identifier: MIT
"""Contenders that do the same work, timed in rounds: each round has all of them once, in a drawn order."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from time import perf_counter_ns
from typing import Protocol, TypeAlias

from rmcy.bench.result import Absent, Entrant, Result, Round

__all__ = ["Contender", "Turns", "Way", "Work", "hold"]

Work: TypeAlias = Callable[[], object]
"""What is timed."""


class Contender(Protocol):
    """One way to do the work."""

    @property
    def name(self) -> str: ...

    def open(self) -> Work:
        """Make ready, untimed, before each sample; what is returned is timed."""
        ...

    def close(self) -> None:
        """Clear away, untimed, after each sample."""
        ...

    def check(self) -> str | None:
        """Do the work once, before anything is timed, and tell what is wrong with what came of it."""
        ...


class Turns(Protocol):
    """What lets each round happen: `before`, `work` and `after`, as many times as there are rounds."""

    def __call__(self, work: Work, before: Callable[[], None], after: Callable[[], None], rounds: int) -> object: ...


def _nothing() -> None:
    pass


class Way:
    """A contender of plain functions."""

    def __init__(
        self,
        name: str,
        ready: Callable[[], Work],
        check: Callable[[], str | None],
        done: Callable[[], None] = _nothing,
    ) -> None:
        self.name = name
        self._ready = ready
        self._check = check
        self._done = done

    def open(self) -> Work:
        return self._ready()

    def close(self) -> None:
        self._done()

    def check(self) -> str | None:
        return self._check()


def hold(
    name: str,
    contenders: Sequence[Contender],
    *,
    library: str,
    size: int,
    calls: int = 1,
    rounds: int = 15,
    processes: int | None = None,
    units: Mapping[str, int] | None = None,
    absent: Iterable[Absent] = (),
    turns: Turns | None = None,
) -> Result:
    """Check every contender, then time all of them.

    contenders: the first is the one whose advantage is asked for. One whose
    answer is wrong is timed too, and the result says what is wrong.
    library: what all of them call. size: how much is in one call, such as paths.
    calls: how many make a sample.
    processes: how many held files meanwhile, where that matters.
    units: how much is done in a call by contenders who do not all do as much.
    absent: who could not take part.
    turns: lets each round happen; None is a loop.

    The order is drawn from a fixed seed, so a run can be repeated. Raises
    ValueError without contenders, calls or rounds, and for two of one name.
    """
    names = [contender.name for contender in contenders]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"contenders are {names}: there must be one, and no two of the same name")
    if rounds < 1 or calls < 1:
        raise ValueError(f"rounds is {rounds} and calls is {calls}: at least one of each is needed")
    share = units or {}
    entrants = [Entrant(one.name, share.get(one.name, 1), one.check()) for one in contenders]
    for contender in contenders if calls > 1 else ():
        # Where one call is long, the check has warmed up all that can be.
        _sample(contender, calls)
    draw = random.Random(f"{name} {library} {size}")
    subject, *_ = contenders
    order: list[Contender] = []
    ns: dict[str, int] = {}
    done: list[Round] = []

    def time(chosen: Sequence[Contender]) -> None:
        for contender in chosen:
            ns[contender.name] = _sample(contender, calls)

    def before() -> None:
        ns.clear()
        order[:] = draw.sample(contenders, len(contenders))
        time(order[: order.index(subject)])

    def after() -> None:
        time(order[order.index(subject) + 1 :])
        done.append(Round(tuple(one.name for one in order), tuple(ns[one.name] for one in order)))

    with _without_collector():
        (turns or _in_turn)(lambda: time([subject]), before, after, rounds)
    return Result(
        name=name,
        library=library,
        size=size,
        calls=calls,
        processes=processes,
        entrants=tuple(entrants),
        absent=tuple(absent),
        rounds=tuple(done),
    )


def _in_turn(work: Work, before: Callable[[], None], after: Callable[[], None], rounds: int) -> None:
    for _ in range(rounds):
        before()
        work()
        after()


def _sample(contender: Contender, calls: int) -> int:
    """Nanoseconds of all calls of one sample."""
    work = contender.open()
    try:
        start = perf_counter_ns()
        for _ in repeat(None, calls):
            work()
        # A clock that ticks slowly has not seen nothing happen.
        return max(1, perf_counter_ns() - start)
    finally:
        contender.close()


@contextmanager
def _without_collector() -> Generator[None]:
    # It would run in the sample of whoever happens to make the object that is one too many.
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
