# SPDX-License-Identifier: MIT
"""What is held against an answer, and what explains a difference.

Must be there:
  * what the truth saw before and after the answer;
  * what the churners' log says was held, by one descriptor, map or program,
    for as long as the answer took;
  * what lsfd saw open before and after.
Must not be there:
  * what the truth saw neither before nor after and the log does not allow
    while the answer was made.

Explanations, each counted; there are no others:
  said        the answer itself says that it could not tell of that process
  let go      both truths saw it, but by the log nothing held it all the while
  renumbered  lsfd knows no birth times: the process had another file of that
              number open
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from oracle.inode import Inode
from oracle.log import Log
from oracle.second import Claim
from oracle.truth import Holding, Process, Truth


@dataclass(frozen=True)
class Use:
    process: Process
    kind: str
    path: str
    device: int
    number: int


@dataclass(frozen=True)
class Answer:
    began: int
    ended: int
    uses: tuple[Use, ...]
    untold: dict[str, frozenset[int]]  # pids by the cause that is given


@dataclass(frozen=True)
class Round:
    """One answer with what was seen on both sides of it. `asked`: None where the name changed meanwhile."""

    way: str
    asked: dict[str, Inode | None]
    before: Truth
    answer: Answer
    after: Truth
    claims: frozenset[Claim] = frozenset()  # of lsfd, on both sides
    lost: frozenset[Inode] = frozenset()  # no longer under the name when the answer began


Wrong = tuple[str, Process]


@dataclass
class Verdict:
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def _seen(round_: Round) -> set[Holding]:
    """The answer's uses of files that are known for certain."""
    exact = set()
    for use in round_.answer.uses:
        inode = round_.asked[use.path]
        if inode and (inode.device, inode.number) == (use.device, use.number):
            exact.add(Holding(use.process, use.kind, inode))
    return exact


def _missing(round_: Round, log: Log, exact: set[Holding], verdict: Verdict) -> Iterator[Wrong]:
    asked, a = set(round_.asked.values()), round_.answer
    both = {holding for holding in round_.before.holdings & round_.after.holdings if holding.inode in asked}
    lasting = {holding for holding in log.certain(a.began, a.ended) if holding.inode in asked}
    for holding in both | lasting:
        verdict.counts[f"must: {holding.kind}"] += 1
        verdict.counts["must: of a file that had lost its name"] += holding.inode in round_.lost
        if holding in exact:
            continue
        if any(holding.process.pid in pids for pids in a.untold.values()):
            verdict.counts["said"] += 1
        elif holding not in lasting and log.knows(holding):
            verdict.counts["let go"] += 1
        else:
            source = "both truths" if holding in both else "the log"
            yield f"missing, though {source} had it: {holding}", holding.process


def _missing_claims(round_: Round, log: Log, exact: set[Holding], verdict: Verdict) -> Iterator[Wrong]:
    a = round_.answer
    inodes = {(inode.major, inode.minor, inode.number): inode for inode in round_.asked.values() if inode}
    processes = {h.process.pid: h.process for h in round_.before.holdings & round_.after.holdings}
    for claim in round_.claims:
        inode, process = inodes.get(claim[1:]), processes.get(claim.pid)
        if not inode or not process:
            continue
        holding = Holding(process, "open", inode)
        verdict.counts["must: lsfd"] += 1
        if holding in exact:
            continue
        begin, end = round_.before.began, round_.after.ended
        if any(claim.pid in pids for pids in a.untold.values()):
            verdict.counts["said"] += 1
        elif not log.allows(holding, a.began, a.ended) and log.other_of_number(holding, begin, end):
            verdict.counts["renumbered"] += 1
        elif log.knows(holding) and not log.lasted(holding, a.began, a.ended):
            verdict.counts["let go"] += 1
        else:
            yield f"missing, though lsfd saw it before and after: {holding}", holding.process


def _invented(round_: Round, log: Log, verdict: Verdict) -> Iterator[Wrong]:
    a = round_.answer
    truths = round_.before.holdings | round_.after.holdings
    for use in a.uses:
        verdict.counts["uses"] += 1
        inode = round_.asked[use.path]
        if inode and (inode.device, inode.number) != (use.device, use.number):
            yield f"another file than the name's, {inode}: {use}", use.process
            continue
        inodes = {inode} if inode else log.inodes(use.device, use.number)
        holdings = {Holding(use.process, use.kind, candidate) for candidate in inodes}
        if not holdings & truths and not any(log.allows(holding, a.began, a.ended) for holding in holdings):
            yield f"in the answer, but neither truth had it and the log does not allow it: {use}", use.process


def _impossible(round_: Round, log: Log) -> Iterator[Wrong]:
    """The log itself is judged by the truths."""
    for truth in (round_.before, round_.after):
        for holding in truth.holdings:
            if not log.allows(holding, truth.began, truth.ended):
                yield f"the truth saw what the log does not allow: {holding}", holding.process


def judge(round_: Round, log: Log, verdict: Verdict) -> None:
    exact = _seen(round_)
    found = [
        *_missing(round_, log, exact, verdict),
        *_missing_claims(round_, log, exact, verdict),
        *_invented(round_, log, verdict),
        *_impossible(round_, log),
    ]
    verdict.counts["rounds"] += 1
    verdict.wrong += [f"{round_.way}: {line}\n{_report(round_, log, process)}" for line, process in found]


def _report(round_: Round, log: Log, process: Process) -> str:
    a = round_.answer
    times = f"  answer {a.began}..{a.ended}, truths {round_.before.began}..{round_.before.ended}"
    times += f" and {round_.after.began}..{round_.after.ended}; untold {a.untold}"
    spans = [f"  log: {text}" for text in log.about(process)]
    return "\n".join([times, *spans])
