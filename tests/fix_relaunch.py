# SPDX-License-Identifier: MIT
"""A program that has been started again, and what it says of itself: into a FIFO, since its output is nobody's."""

from __future__ import annotations

import json
import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, cast

import pytest

SECONDS = 60.0

# Any Python runs it. It lives until it is ended.
REPORT = """
import json, os, signal
report = {
    "pid": os.getpid(),
    "argv": [os.fsencode(text).hex() for text in __import__("sys").orig_argv],
    "environment": {os.fsencode(k).hex(): os.fsencode(v).hex() for k, v in os.environ.items()},
    "directory": os.fsencode(os.getcwd()).hex(),
    "ids": [*os.getresuid(), *os.getresgid()],
    "groups": sorted(os.getgroups()),
    "cgroup": open("/proc/self/cgroup").read().splitlines(),
    "input": os.readlink("/proc/self/fd/0"),
}
with open(os.environ["RMCY_FIFO"], "w") as fifo:
    json.dump(report, fifo)
    fifo.write(chr(10))
signal.pause()
"""


# Arguments that a shell, systemd or a decoder would make something else of.
ODD = ["", "a b", "%n %% %t", "$HOME ${HOME} $$ $", "\"quoted' \\", "new\nline", "-x"]
BYTES = [*ODD, "\udcff\udc80 caf\xe9"]


class Report(TypedDict):
    pid: int
    argv: list[str]
    environment: dict[str, str]
    directory: str
    ids: list[int]
    groups: list[int]
    cgroup: list[str]
    input: str


def texts(report: Report) -> list[bytes]:
    """Its arguments, the name that it was called by first."""
    return [bytes.fromhex(text) for text in report["argv"]]


def variables(report: Report) -> dict[bytes, bytes]:
    return {bytes.fromhex(name): bytes.fromhex(value) for name, value in report["environment"].items()}


class Fifo:
    """Where programs report; any user may."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        path.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
        # A writer of its own, so that there is no end of the file between two reports.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._heard = b""

    def hear(self) -> Report:
        """The next report."""
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self._fd], [], [], SECONDS)
            assert ready, "nothing was started, or it did not come to its report"
            self._heard += os.read(self._fd, 65536)
        line, _, self._heard = self._heard.partition(b"\n")
        return cast(Report, json.loads(line))

    @property
    def silent(self) -> bool:
        """Has nobody reported?"""
        return not self._heard and not select.select([self._fd], [], [], 0)[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._fd)
        self.path.unlink()


@pytest.fixture
def report_fifo(tmp_path: Path) -> Iterator[Fifo]:
    with Fifo(tmp_path / "reports") as fifo:
        yield fifo
