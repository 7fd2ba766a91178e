# SPDX-License-Identifier: MIT
"""The churners' own log: when which process held which file.

A process writes down what it has taken when it has it, with the time before
and after; and what it has let go, likewise. So for each holding there is a
span in which it certainly was, and a longer one in which it may have been.
Lines are appended whole; they are put together when all is over.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oracle.inode import Inode
from oracle.truth import Holding, Process

NEVER = 1 << 63


@dataclass
class Span:
    """Taken within `asked`..`had`, let go within `leaving`..`left`."""

    asked: int
    had: int
    leaving: int = NEVER
    left: int = NEVER

    def covers(self, begin: int, end: int) -> bool:
        return self.had <= begin and end <= self.leaving

    def touches(self, begin: int, end: int) -> bool:
        return self.asked <= end and begin <= self.left


class Writer:
    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _write(self, *line: object) -> None:
        data = json.dumps(line).encode() + b"\n"
        if os.write(self._fd, data) != len(data):
            raise OSError("the log is torn")

    def took(self, process: Process, items: Iterable[tuple[str, str, Inode]], asked: int) -> None:
        """Each item: a label that is the process's own, the kind, the file."""
        self._write("took", process, list(items), asked, time.monotonic_ns())

    def leaving(self, process: Process, labels: Iterable[str]) -> None:
        """About to let these go."""
        self._write("leaving", process, list(labels), time.monotonic_ns())

    def left(self, process: Process) -> None:
        """All that it was about to let go is gone."""
        self._write("left", process, [], time.monotonic_ns())

    def ending(self, process: Process) -> None:
        """It is about to end, or to be ended."""
        self._write("ending", process, [], time.monotonic_ns())

    def ended(self, process: Process) -> None:
        self._write("ended", process, [], time.monotonic_ns())


class Log:
    """What was written, as spans."""

    def __init__(self, path: Path) -> None:
        self._spans: dict[Holding, list[Span]] = defaultdict(list)
        held: dict[Process, dict[str, Span]] = defaultdict(dict)
        for line in path.read_text().splitlines():
            event, (pid, start), items, *times = json.loads(line)
            process = Process(pid, start)
            spans = held[process]
            if event == "took":
                for label, kind, (major, minor, number, born) in items:
                    inode = Inode(major, minor, number, (born[0], born[1]))
                    spans[label] = Span(times[0], times[1])
                    self._spans[Holding(process, kind, inode)].append(spans[label])
                continue
            for label, span in list(spans.items()):
                if event == "ending" or (event == "leaving" and label in items):
                    span.leaving = min(span.leaving, times[0])
                elif event == "ended" or (event == "left" and span.leaving != NEVER):
                    span.left = times[0]
                    del spans[label]

    def certain(self, begin: int, end: int) -> Iterator[Holding]:
        """What was held by one descriptor, map or program from `begin` to `end`."""
        return (holding for holding, spans in self._spans.items() if any(span.covers(begin, end) for span in spans))

    def knows(self, holding: Holding) -> bool:
        return holding in self._spans

    def lasted(self, holding: Holding, begin: int, end: int) -> bool:
        return any(span.covers(begin, end) for span in self._spans.get(holding, ()))

    def allows(self, holding: Holding, begin: int, end: int) -> bool:
        return any(span.touches(begin, end) for span in self._spans.get(holding, ()))

    def inodes(self, device: int, number: int) -> set[Inode]:
        """The files that had that number when somebody held them."""
        return {h.inode for h in self._spans if (h.inode.device, h.inode.number) == (device, number)}

    def other_of_number(self, holding: Holding, begin: int, end: int) -> bool:
        """May that process have held another file with the number of this one?"""
        others = self.inodes(holding.inode.device, holding.inode.number) - {holding.inode}
        return any(self.allows(holding._replace(inode=inode), begin, end) for inode in others)

    def about(self, process: Process) -> Iterator[str]:
        for holding, spans in self._spans.items():
            if holding.process == process:
                yield f"{holding.kind} {holding.inode}: {spans}"
