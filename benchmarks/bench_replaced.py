# SPDX-License-Identifier: MIT
"""Who still uses a library that was replaced: the question that needrestart is asked, and after it rmcy.

needrestart has to read what every process maps, and cannot be asked about one
file; rmcy was told which file before it was replaced, as an installer tells it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from asking import MOST_SECONDS
from contest import Hold
from holders import Load
from stand_in import StandIn

import rmcy
from rmcy.bench import Absent, Way

# By default it does not look below /tmp. Nothing is restarted (-r l), and no kernel looked for (-l).
SETTINGS = "$nrconf{blacklist} = []; $nrconf{blacklist_mappings} = []; $nrconf{sendnotify} = 0;\n"
USES = re.compile(r"^\[\w+\] #(\d+) uses (?:deleted|non-existing|obsolete) (.*)$", re.MULTILINE)

Pids = frozenset[int]


@pytest.fixture
def replaced(request: pytest.FixtureRequest) -> Iterator[Load]:
    with Load(request.param, [1]) as made:
        yield made


def ask_needrestart(settings: Path) -> str:
    command = ["needrestart", "-c", str(settings), "-b", "-v", "-l", "-r", "l"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        timeout=MOST_SECONDS,
    )
    return done.stderr


def of_needrestart(library: Path, said: str) -> Pids:
    return frozenset(int(pid) for pid, path in USES.findall(said) if path == str(library))


def replace(library: Path) -> None:
    """As a package manager does it: a new file gets the name."""
    new = library.with_name("new")
    shutil.copy(library, new)
    new.replace(library)


def bench_replaced(replaced: Load, stand_in: StandIn, hold: Hold, tmp_path: Path) -> None:
    library = replaced.library
    truth = replaced.holders()
    settings = tmp_path / "needrestart.conf"
    settings.write_text(SETTINGS)

    def judged(found: Pids) -> str | None:
        missed, added = len(truth - found), len(found - truth)
        return f"missed {missed} of {len(truth)} programs, {added} are not so" if missed or added else None

    with stand_in.behind("engine"), rmcy.start() as session:
        session.register(library)
        replace(library)

        def of_rmcy() -> Pids:
            return frozenset(app.process.pid for app in session.affected())

        ways = [Way("rmcy", lambda: session.affected, lambda: judged(of_rmcy()))]
        absent = []
        if shutil.which("needrestart"):
            ask = partial(ask_needrestart, settings)
            ways.append(Way("needrestart", lambda: ask, lambda: judged(of_needrestart(library, ask()))))
        else:
            absent.append(Absent("needrestart", "it is not installed"))
        name = "who still uses a replaced library"
        hold(name, "engine", 1, ways, calls=1, rounds=7, processes=replaced.processes, absent=absent)
