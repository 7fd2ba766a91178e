# SPDX-License-Identifier: MIT
from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from build import HERE, SHARED, build
from contest import Benchmark, Hold, Keep
from holders import Load
from report import measured, table
from stand_in import STAND_IN, StandIn

from rmcy.bench import Measure, Report, Result

CONTESTS = pytest.StashKey[list[Result]]()
MEASURES = pytest.StashKey[list[Measure]]()

# Whose versions matter, besides those of rmcy and Python.
PACKAGES = ("numpy", "cffi", "restartmgr", "psutil", "pytest-benchmark")


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rmcy", "benchmarks of rmcy")
    group.addoption("--results", metavar="FILE", help="write everything to this JSON file")
    group.addoption("--rounds", type=int, default=15, metavar="N", help="rounds of each contest")
    group.addoption("--calls", type=int, default=10_000, metavar="N", help="at most so many calls in a sample")
    group.addoption("--sizes", type=numbers, default=[1, 1000, 100_000], metavar="N,N", help="how long the lists are")
    group.addoption("--processes", type=numbers, default=[500], metavar="N,N", help="how many processes hold files")
    group.addoption("--targets", type=numbers, default=[1, 1000], metavar="N,N", help="how many files to ask about")
    group.addoption("--slow", action="store_true", help="fuser and lsof are asked about any number of files")
    group.addoption("--grown-paths", type=numbers, default=[1000, 10_000, 100_000], metavar="N,N", help="growth: paths")
    group.addoption("--grown-processes", type=numbers, default=[500, 1000, 2000], metavar="N,N", help="and processes")
    group.addoption("--rows", type=int, default=10_000, metavar="N", help="how many programs a list names")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CONTESTS] = []
    config.stash[MEASURES] = []
    # Nobody's speed, and none of the benchmarks' doing. By its words, for rmcy is not to be imported yet.
    config.addinivalue_line("filterwarnings", "ignore:a session has died and left ")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    option = metafunc.config.getoption
    if "size" in metafunc.fixturenames:
        metafunc.parametrize("size", option("--sizes"))
    if "targets" in metafunc.fixturenames:
        metafunc.parametrize("targets", option("--targets"))
    if "load" in metafunc.fixturenames:
        metafunc.parametrize("load", option("--processes"), indirect=True, scope="session")
    if "replaced" in metafunc.fixturenames:
        metafunc.parametrize("replaced", option("--processes"), indirect=True)
    if "grown" in metafunc.fixturenames:
        metafunc.parametrize("grown", option("--grown-processes"), indirect=True)


@pytest.fixture(scope="session")
def load(request: pytest.FixtureRequest) -> Iterator[Load]:
    targets = {1000, *request.config.getoption("--targets")}
    with Load(request.param, sorted(targets)) as made:
        yield made


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The system calls alone."""
    return ctypes.CDLL(str(build(HERE / "floor.c", tmp_path_factory.mktemp("floor") / "libfloor.so", *SHARED)))


@pytest.fixture
def stand_in() -> StandIn:
    return STAND_IN


@pytest.fixture
def hold(request: pytest.FixtureRequest, benchmark: Benchmark) -> Hold:
    """Hold a contest and keep what came of it."""

    option = request.config.getoption
    return Hold(benchmark, option("--rounds"), option("--calls"), request.config.stash[CONTESTS].append)


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Keep:
    """Keep a number that is no time."""

    def measured(name: str, size: int, value: float, unit: str) -> None:
        request.config.stash[MEASURES].append(Measure(name, size, value, unit))

    return measured


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--results")
    if file:
        report = Report.of(session.config.stash[CONTESTS], session.config.stash[MEASURES], PACKAGES)
        Path(file).write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("rmcy against its rivals")
    contests = config.stash[CONTESTS]
    for line in (*table(contests), *measured(config.stash[MEASURES])):
        terminalreporter.line(line)
