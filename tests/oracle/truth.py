# SPDX-License-Identifier: MIT
"""The slow truth: every descriptor of every thread, every map and the executable, by looking where its link leads.

Nothing here is rmcy's: /proc is read by its documentation, and whatever has
gone when it is looked at is passed over.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from oracle.inode import Inode, of_path

TICK = 10_000_000 // os.sysconf("SC_CLK_TCK")  # of the clock of start times, in units of 100 ns


class Process(NamedTuple):
    pid: int
    start: int


class Holding(NamedTuple):
    process: Process
    kind: str
    inode: Inode


@dataclass(frozen=True)
class Truth:
    began: int  # by time.monotonic_ns()
    ended: int
    holdings: frozenset[Holding]


def start_of(pid: int) -> int | None:
    """When it started, as rmcy counts; None where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19]) * TICK
    except OSError:
        return None


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _links(pid: int) -> Iterator[tuple[str, str]]:
    yield "executable", f"/proc/{pid}/exe"
    for fd in _names(f"/proc/{pid}/fd"):
        yield "open", f"/proc/{pid}/fd/{fd}"
    for tid in _names(f"/proc/{pid}/task"):
        if tid != str(pid):
            for fd in _names(f"/proc/{pid}/task/{tid}/fd"):
                yield "open", f"/proc/{pid}/task/{tid}/fd/{fd}"
    for span in _names(f"/proc/{pid}/map_files"):
        yield "mapped", f"/proc/{pid}/map_files/{span}"


def look(wanted: Collection[Inode]) -> Truth:
    """Who holds these files."""
    began = time.monotonic_ns()
    found = set()
    for name in os.listdir("/proc"):
        start = start_of(int(name)) if name.isdecimal() else None
        if start is None:
            continue
        process = Process(int(name), start)
        seen = [(kind, inode) for kind, link in _links(process.pid) if (inode := of_path(link)) in wanted and inode]
        if seen and start_of(process.pid) == start:
            found |= {Holding(process, kind, inode) for kind, inode in seen}
    return Truth(began, time.monotonic_ns(), frozenset(found))
