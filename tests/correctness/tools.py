# SPDX-License-Identifier: MIT
"""The same question to lsof, fuser, lsfd and psutil: which of the processes do they name?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from correctness.lab import HERE
from correctness.situation import Situation


@dataclass(frozen=True)
class Question:
    """What the tools are given: the names, and the identities that these had when rmcy registered them."""

    situation: Situation
    identities: frozenset[tuple[str, str]]  # "major:minor", inode number

    @classmethod
    def about(cls, situation: Situation) -> Question:
        question = cls(situation, frozenset())
        lines = question.run("stat", "-L", "-c", "%Hd:%Ld %i", "--", *question.names).splitlines()
        return cls(situation, frozenset((line.split()[0], line.split()[1]) for line in lines))

    @property
    def pids(self) -> set[int]:
        s = self.situation
        return (set(s.held) | s.innocent | s.unseen | s.hidden) - {0}

    @property
    def names(self) -> list[str]:
        return [str(file) for file in self.situation.files]

    def run(self, *command: str | Path) -> str:
        """What a command prints, run by whoever asks. They say with a status of 1 that there is nobody."""
        done = subprocess.run(
            [*self.situation.asker, *command], check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return done.stdout


def by_lsof(question: Question) -> set[int]:
    lines = question.run("lsof", "-w", "-F", "p", "--", *question.names).splitlines()
    return {int(line[1:]) for line in lines if line.startswith("p")}


def by_fuser(question: Question) -> set[int]:
    return {int(word) for word in question.run("fuser", *question.names).split()}


def lsfd(question: Question) -> list[list[str]]:
    pids = ",".join(str(pid) for pid in sorted(question.pids))
    out = question.run("lsfd", "-n", "-r", "-p", pids, "-o", "PID,DEV,INODE,NAME")
    return [line.split(maxsplit=3) for line in out.splitlines() if len(line.split(maxsplit=3)) == 4]


def by_lsfd_path(question: Question) -> set[int]:
    rows = lsfd(question)
    return {int(row[0]) for row in rows if row[3].replace("\\x20", " ").removesuffix(" (deleted)") in question.names}


def by_lsfd_inode(question: Question) -> set[int]:
    return {int(row[0]) for row in lsfd(question) if (row[1], row[2]) in question.identities}


def by_psutil(question: Question) -> set[int]:
    pids = ",".join(str(pid) for pid in sorted(question.pids))
    return {int(line) for line in question.run(sys.executable, HERE / "by_psutil.py", pids, *question.names).split()}


TOOLS: dict[str, Callable[[Question], set[int]]] = {
    "lsof": by_lsof,
    "fuser": by_fuser,
    "lsfd, path": by_lsfd_path,
    "lsfd, inode": by_lsfd_inode,
    "psutil": by_psutil,
}


def cell(situation: Situation, named: set[int]) -> str:
    """The tool's field in the table."""
    if named & situation.innocent:
        return "**false**"
    if situation.unseen:
        return "yes" if situation.unseen <= named else "no"
    if situation.hidden:
        return "silent"
    return "yes" if set(situation.held) <= named else "no"
