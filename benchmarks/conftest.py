# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from contest import Benchmark, Contender, Contest, Hold
from report import document, table
from stand_in import STAND_IN, StandIn

import rmcy

CONTESTS = pytest.StashKey[list[Contest]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rmcy", "benchmarks of rmcy")
    group.addoption("--results", metavar="FILE", help="write everything to this JSON file")
    group.addoption("--rounds", type=int, default=15, metavar="N", help="rounds of each contest")
    group.addoption("--calls", type=int, default=10_000, metavar="N", help="at most so many calls in a sample")
    group.addoption("--sizes", default="1,1000,100000", metavar="N,N", help="how long the lists are")
    group.addoption("--rows", type=int, default=10_000, metavar="N", help="how many programs a list names")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CONTESTS] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "size" in metafunc.fixturenames:
        metafunc.parametrize("size", [int(size) for size in metafunc.config.getoption("--sizes").split(",")])


@pytest.fixture
def stand_in() -> StandIn:
    return STAND_IN


@pytest.fixture
def hold(request: pytest.FixtureRequest, benchmark: Benchmark) -> Hold:
    """Hold a contest and keep what came of it."""

    def held(name: str, library: str, size: int, contenders: Sequence[Contender], *, calls: int | None = None) -> None:
        most = request.config.getoption("--calls")
        wanted = max(1, 100_000 // size) if calls is None else calls
        contest = Contest(name, library, size, min(wanted, most), contenders)
        with STAND_IN.behind(library):
            contest.run(benchmark, request.config.getoption("--rounds"))
        request.config.stash[CONTESTS].append(contest)

    return held


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--results")
    if file:
        contests = session.config.stash[CONTESTS]
        text = json.dumps(document(contests, rmcy.backend_info()), indent=1)
        Path(file).write_text(text + "\n", encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("rmcy against its rivals")
    contests = config.stash[CONTESTS]
    for line in table(contests):
        terminalreporter.line(line)
