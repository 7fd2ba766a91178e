# SPDX-License-Identifier: MIT
"""Is an answer right?"""

from __future__ import annotations

from enum import StrEnum

from correctness.asker import Answer
from correctness.situation import Situation


class Verdict(StrEnum):
    RIGHT = "right"
    UNCERTAIN = "uncertain"  # the answer says of itself that it is not settled; nobody is named falsely
    WRONG = "wrong"


Judgement = tuple[Verdict, str]


def skips_of(answer: Answer) -> dict[str, set[int]]:
    """By cause, the processes that could not be settled; 0 stands for those that cannot be named."""
    return {skip["cause"]: set(skip["pids"]) or {0} for skip in answer["skipped"]}


def judge(situation: Situation, answer: Answer) -> Judgement:
    if "error" in answer:
        refused = answer["error"] == "ERROR_ACCESS_DENIED"
        return (Verdict.RIGHT if situation.refused and refused else Verdict.WRONG), answer["text"]
    if situation.refused:
        if "file" in skips_of(answer):
            return Verdict.UNCERTAIN, "it is not known that it is a directory"
        return Verdict.WRONG, "a directory was accepted"
    apps = {app["process"]["pid"]: app for app in answer["apps"]}
    for pid in (situation.innocent | situation.unseen | situation.hidden) & apps.keys():
        return Verdict.WRONG, f"process {pid} was named: {apps[pid]['uses']}"
    skips = skips_of(answer)
    if situation.hidden and not answer["skipped"]:
        return Verdict.WRONG, "the answer calls itself complete, though processes were hidden"
    named = [judge_process(situation, pid, kinds, apps.get(pid), skips) for pid, kinds in situation.held.items()]
    unsettled = set().union(*skips.values()) if skips else set()
    named += [(Verdict.UNCERTAIN, f"{pid} is skipped") for pid in situation.innocent & unsettled]
    if "file" in skips and not situation.hidden:
        named.append((Verdict.UNCERTAIN, "the file's identity could not be read"))
    order = list(Verdict)
    return max(named, key=lambda judgement: order.index(judgement[0]), default=(Verdict.RIGHT, ""))


def judge_process(
    situation: Situation, pid: int, kinds: frozenset[str], app: Answer | None, skips: dict[str, set[int]]
) -> Judgement:
    uncertain = any(pid in pids for pids in skips.values()) or "file" in skips
    if app is None:
        if situation.changing and pid in skips.get("changing", set()):
            return Verdict.RIGHT, ""
        if uncertain:
            return Verdict.UNCERTAIN, f"{pid} is skipped"
        return Verdict.WRONG, f"process {pid} was not named; skipped: {skips}"
    found = {use["kind"] for use in app["uses"]}
    if not found <= kinds:
        return Verdict.WRONG, f"process {pid}: {sorted(found)}, not {sorted(kinds)}"
    if situation.one_file and len({use["path"] for use in app["uses"]}) != 1:
        return Verdict.WRONG, f"process {pid} is said to use two files at a time: {app['uses']}"
    if (found == kinds or (situation.changing and found)) and not uncertain:
        return Verdict.RIGHT, ""
    if uncertain:
        return Verdict.UNCERTAIN, f"process {pid}: {sorted(found)}, skipped too"
    return Verdict.WRONG, f"process {pid}: {sorted(found)}, not {sorted(kinds)}"


def worst(judgements: list[Judgement]) -> Judgement:
    order = list(Verdict)
    return max(judgements, key=lambda judgement: order.index(judgement[0]))
