# SPDX-License-Identifier: MIT
"""What more files cost: time of a path as a list grows from a thousand, and memory of a path."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from contest import Hold, Keep
from stand_in import StandIn

import rmcy
from rmcy.bench import Way, Work

LENGTH = 50


def grown(count: int, ready: Callable[[], Work], done: Callable[[], None], is_right: Callable[[], bool]) -> Way:
    """The same work for one length of the list."""
    way = Way(f"{count:,} paths", ready, lambda: None, done)

    def check() -> str | None:
        way.open()()
        try:
            return None if is_right() else "what it came to is not right"
        finally:
            way.close()

    return Way(way.name, ready, check, done)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> list[str]:
    """As many files as the longest list has, two hundred to a directory."""
    root = tmp_path_factory.mktemp("files")
    made = []
    for n in range(max(pytestconfig.getoption("--grown-paths"))):
        directory = root / f"{n // 200:05}"
        if n % 200 == 0:
            directory.mkdir()
        path = f"{directory}/{n:07}".ljust(LENGTH, "o")
        Path(path).touch()
        made.append(path)
    return made


class Sessions:
    """A primary for the work at hand, and somebody who joined it."""

    def __init__(self) -> None:
        self.primary: rmcy.PrimarySession | None = None
        self.registered: rmcy.Registered | None = None

    def begin(self) -> rmcy.PrimarySession:
        self.primary = rmcy.start()
        return self.primary

    def end(self) -> None:
        if self.primary is not None:
            self.primary.close()


def register(files: list[str], count: int) -> Way:
    sessions, paths = Sessions(), files[:count]

    def ready() -> Work:
        session = sessions.begin()

        def work() -> None:
            sessions.registered = session.register(paths)

        return work

    def right() -> bool:
        registered = sessions.registered
        return registered is not None and (registered.files, registered.missing) == (count, ())

    return grown(count, ready, sessions.end, right)


def register_joined(files: list[str], count: int) -> Way:
    sessions, paths = Sessions(), files[:count]

    def ready() -> Work:
        session = sessions.begin()

        def work() -> None:
            with rmcy.join(session.key) as joined:
                joined.register(paths)

        return work

    def right() -> bool:
        assert sessions.primary is not None
        with open(paths[-1], "rb"):
            return any(use.path == paths[-1] for app in sessions.primary.affected() for use in app.uses or ())

    return grown(count, ready, sessions.end, right)


@pytest.fixture
def listers(files: list[str], stand_in: StandIn, pytestconfig: pytest.Config) -> Iterator[list[Way]]:
    """Sessions in which so many files are registered already; listing again is what a session does for hours."""
    with stand_in.behind("engine"), ExitStack() as opened:
        counts = pytestconfig.getoption("--grown-paths")
        yield [lister(opened.enter_context(rmcy.start()), files, count) for count in counts]


def lister(session: rmcy.PrimarySession, files: list[str], count: int) -> Way:
    paths = files[:count]
    session.register(paths)

    def right() -> bool:
        with open(paths[-1], "rb"):
            return any(use.path == paths[-1] for app in session.affected() for use in app.uses or ())

    return grown(count, lambda: session.affected, lambda: None, right)


def bench_register_growth(files: list[str], hold: Hold, pytestconfig: pytest.Config) -> None:
    counts = pytestconfig.getoption("--grown-paths")
    made = [register(files, count) for count in counts]
    units = {way.name: count for way, count in zip(made, counts, strict=True)}
    hold("growth: register, time of a path", "engine", counts[-1], made, calls=1, rounds=5, units=units)


def bench_register_joined_growth(files: list[str], hold: Hold, pytestconfig: pytest.Config) -> None:
    counts = pytestconfig.getoption("--grown-paths")
    made = [register_joined(files, count) for count in counts]
    units = {way.name: count for way, count in zip(made, counts, strict=True)}
    hold("growth: join and register, time of a path", "engine", counts[-1], made, calls=1, rounds=5, units=units)


def bench_list_growth(listers: list[Way], hold: Hold, pytestconfig: pytest.Config) -> None:
    counts = pytestconfig.getoption("--grown-paths")
    hold("growth: list, whole time", "engine", counts[-1], listers, calls=1, rounds=5)


def bench_memory(files: list[str], measure: Keep, pytestconfig: pytest.Config) -> None:
    program = Path(__file__).with_name("memory.py")
    for count in pytestconfig.getoption("--grown-paths"):
        given = "".join(f"{path}\0" for path in files[:count])
        command = [sys.executable, "-P", str(program)]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
        for name, size in json.loads(done.stdout).items():
            measure(name, count, size / count, "bytes a path")
