# SPDX-License-Identifier: MIT
"""What a run found, as a table for the terminal; the document is `rmcy.bench.Report`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rmcy.bench import Measure, Result
from rmcy.bench.result import duration


def table(results: Iterable[Result]) -> Iterator[str]:
    """One block for each contest: time of a call, and how many times as long as the first contender it took."""
    for result in results:
        rounds = "1 round" if len(result.rounds) == 1 else f"{len(result.rounds)} rounds"
        held = f", {result.processes:,} processes" if result.processes else ""
        yield f"{result.name}, {result.size:,} at a time, over the {result.library} library{held}, {rounds}"
        yield f"  {'':<32}{'median':>12}{'least':>12}   times as long (quartiles)"
        for one in result.entrants:
            taken = result.per_call(one.name)
            line = f"  {one.name:<32}{duration(taken.median):>12}{duration(taken.min):>12}"
            if one is not result.subject:
                ratio = result.ratio(one.name)
                line += f"   {ratio.median:8.2f}  ({ratio.lower_quartile:.2f} to {ratio.upper_quartile:.2f})"
            if one.wrong is not None:
                line += f"   WRONG: {one.wrong}"
            yield line
        for missing in result.absent:
            yield f"  {missing.name:<32}takes no part: {missing.reason}"
        yield ""


def measured(measures: Iterable[Measure]) -> Iterator[str]:
    """A line for each number that is no time; where there are several of a name, each beside the first."""
    first: dict[str, float] = {}
    for measure in measures:
        least = first.setdefault(measure.name, measure.value)
        beside = f", {measure.value / least:.2f} times the first" if measure.value != least and least else ""
        yield f"{measure.name}, {measure.size:,}: {measure.value:,.1f} {measure.unit}{beside}"
