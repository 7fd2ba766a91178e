# SPDX-License-Identifier: MIT
"""What came of a contest: every sample, and what is made of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

__all__ = ["Absent", "Entrant", "Measure", "Result", "Round", "Spread", "duration"]


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who took part. `units`: how much a call of it does; `wrong`: what is wrong with its answer, None if nothing."""

    name: str
    units: int = 1
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """Who would have taken part, and why not."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the contenders in their order, and the nanoseconds that all calls of each took."""

    order: tuple[str, ...]
    taken: tuple[int, ...]

    @property
    def ns(self) -> dict[str, int]:
        """The nanoseconds by name."""
        return dict(zip(self.order, self.taken, strict=True))


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some numbers, and how far apart they are."""

    median: float
    lower_quartile: float
    upper_quartile: float
    min: float
    max: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Self:
        """Raises ValueError where there is no number."""
        ordered = sorted(numbers)
        if not ordered:
            raise ValueError("a spread needs at least one number")
        quarter = len(ordered) // 4
        return cls(statistics.median(ordered), ordered[quarter], ordered[-1 - quarter], ordered[0], ordered[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A contest that was held. The first entrant is its subject, whose advantage was asked for.

    `library`: what all of them called. `size`: how much is in one call.
    `calls`: how many calls make a sample. `processes`: how many held files.
    """

    name: str
    library: str
    size: int
    calls: int
    processes: int | None = None
    entrants: tuple[Entrant, ...]
    absent: tuple[Absent, ...] = ()
    rounds: tuple[Round, ...]

    @property
    def subject(self) -> Entrant:
        """The first contender."""
        return self.entrants[0]

    @property
    def rivals(self) -> tuple[Entrant, ...]:
        """All others."""
        return self.entrants[1:]

    def entrant(self, name: str) -> Entrant:
        """Raises KeyError for who took no part."""
        for one in self.entrants:
            if one.name == name:
                return one
        raise KeyError(name)

    def per_call(self, name: str) -> Spread:
        """Nanoseconds of one call, or of one unit of it where there are units."""
        units = self.entrant(name).units
        return Spread.of(one.ns[name] / self.calls / units for one in self.rounds)

    def ratio(self, name: str) -> Spread:
        """How many times as long as the subject it took, in the same round; for one unit, where there are units."""
        first = self.subject
        share = first.units / self.entrant(name).units
        return Spread.of(one.ns[name] / one.ns[first.name] * share for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is no time."""

    name: str
    size: int
    value: float
    unit: str


def duration(ns: float) -> str:
    """A time for people; in ASCII, since it goes to terminals of all kinds."""
    for limit, unit in ((1e3, "ns"), (1e6, "us"), (1e9, "ms")):
        if ns < limit:
            return f"{ns / (limit / 1e3):.1f} {unit}"
    return f"{ns / 1e9:.2f} s"
