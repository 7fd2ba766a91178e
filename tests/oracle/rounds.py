# SPDX-License-Identifier: MIT
"""Ask rmcy, over and over, with the truth taken before and after."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import rmcy

from oracle import second
from oracle.churn import NAMES
from oracle.inode import Inode, of_path
from oracle.judge import Answer, Round, Use, Verdict, judge
from oracle.log import Log
from oracle.truth import Process, look

LSFD_EVERY = 4  # rounds; it takes its time


@contextmanager
def churning(directory: Path, log: Path, actors: int, seed: int) -> Iterator[None]:
    command = [sys.executable, "-P", "-m", "oracle.churn", str(directory), str(log), str(actors), str(seed)]
    # The folder of the tests is where this package was found.
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "/usr/bin:/bin"}
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        yield
    finally:
        program.communicate()
    if program.returncode:
        raise RuntimeError(f"the churn program failed: {program.returncode}")


def answer_of(affected: rmcy.AffectedList, began: int) -> Answer:
    ended = time.monotonic_ns()
    uses = [
        Use(Process(app.process.pid, app.process.start_time), use.kind.value, use.path, use.device, use.inode)
        for app in affected
        for use in app.uses or ()
    ]
    # Causes that name no process explain nothing.
    untold = {skip.cause.value: frozenset(skip.pids) for skip in affected.skipped if skip.pids}
    return Answer(began, ended, tuple(uses), untold)


def inodes_of(paths: list[str]) -> dict[str, Inode | None]:
    return {path: of_path(path) for path in paths}


def agreed(one: dict[str, Inode | None], other: dict[str, Inode | None]) -> dict[str, Inode | None]:
    """What a name meant all the while: no file gets a name back, so the same before and after is the same between."""
    return {path: inode if inode == other[path] else None for path, inode in one.items()}


def ask_by_session(paths: list[str], with_lsfd: bool) -> Round:
    """The files are those that had the names before the truth was taken, whatever has become of them."""
    with rmcy.start(label="oracle") as session:
        first = inodes_of(paths)
        session.register(files=paths)
        asked = agreed(first, inodes_of(paths))
        wanted = {inode for inode in asked.values() if inode}
        before = look(wanted)
        pids = {holding.process.pid for holding in before.holdings}
        claims = second.ask(pids) if with_lsfd else frozenset()
        lost = wanted - set(inodes_of(paths).values())
        began = time.monotonic_ns()
        answer = answer_of(session.affected(), began)
        claims &= second.ask(pids) if with_lsfd else claims
        return Round("session", asked, before, answer, look(wanted), claims, frozenset(lost))


def ask_by_who(paths: list[str]) -> Round:
    first = inodes_of(paths)
    before = look({inode for inode in first.values() if inode})
    first = agreed(first, inodes_of(paths))
    began = time.monotonic_ns()
    answer = answer_of(rmcy.who(*paths), began)
    asked = agreed(first, inodes_of(paths))
    return Round("who", asked, before, answer, look({inode for inode in asked.values() if inode}))


def run(seconds: float, *, actors: int = 10, seed: int = 1, lsfd: bool = True) -> Verdict:
    """Ask for so long, and judge when the churners' log is whole."""
    rounds: list[Round] = []
    with TemporaryDirectory(prefix="rmcy-oracle-") as name:
        directory, log = Path(name, "files"), Path(name, "log")
        directory.mkdir()
        with churning(directory, log, actors, seed):
            paths = [str(directory / f"file-{number}") for number in range(NAMES)]
            paths += sorted(str(path) for path in directory.glob("program-*"))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                rounds.append(ask_by_who(paths))
                rounds.append(ask_by_session(paths, lsfd and len(rounds) % (2 * LSFD_EVERY) == 1))
        history = Log(log)
    verdict = Verdict()
    for round_ in rounds:
        judge(round_, history, verdict)
    return verdict
