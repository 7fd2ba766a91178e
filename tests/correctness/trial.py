# SPDX-License-Identifier: MIT
"""Set up a case once and ask about it in several ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from correctness.asker import Askers
from correctness.judge import Verdict, judge, worst
from correctness.lab import Lab
from correctness.situation import Case, Situation
from correctness.ways import AS_IT_IS, Way

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Trial:
    way: Way
    verdict: Verdict
    why: str
    good: bool


def good_enough(situation: Situation, way: Way, verdict: Verdict) -> bool:
    """ "Uncertain" is, where nobody could tell; a false name or a false "nobody" never is."""
    if verdict is Verdict.UNCERTAIN:
        features = situation.unsettled_without
        return way.blind or (features is not None and way.lacks(features))
    return verdict is Verdict.RIGHT


def try_case(
    case: Case,
    directory: Path,
    askers: Askers,
    ways: Sequence[Way],
    note: Callable[[Situation], Seen] = lambda situation: None,  # type: ignore[assignment,return-value]
    also: Callable[[Seen], None] = lambda seen: None,
) -> list[Trial]:
    """What rmcy's answers are worth in each way.

    `note` is called when the files are registered, `also`, with its result,
    when it is time to ask.
    """
    with Lab(directory) as lab, ExitStack() as stack:
        situation = case.make(lab)
        asking = {way.name: askers.get(way, situation.asker, stack) for way in ways}
        for asker in asking.values():
            asker.register(situation.files)
        seen = note(situation)
        if situation.change is not None:
            situation.change()
        also(seen)
        trials = []
        for way in ways:
            rounds = situation.rounds if way.name == AS_IT_IS else min(situation.rounds, 2)
            verdict, why = worst([judge(situation, asking[way.name].list()) for _ in range(rounds)])
            trials.append(Trial(way, verdict, why, good_enough(situation, way, verdict)))
        for asker in asking.values():
            asker.forget()
        return trials
