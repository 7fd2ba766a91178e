# SPDX-License-Identifier: MIT
"""One piece of work, so many times, for somebody who counts: `case.py CASE TIMES DIRECTORY`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from stand_in import STAND_IN  # it must be loaded before rmcy

import rmcy

PATHS = 1000
FILES = 100
ROWS = 1000


def null_register(directory: Path) -> Callable[[], object]:
    paths = [f"/usr/lib/programs/{n % 200:03}/{n:07}.so".ljust(60, "o") for n in range(PATHS)]
    session = rmcy.start()
    return lambda: session.register(paths)


def null_join(directory: Path) -> Callable[[], object]:
    key = str(rmcy.start().key)
    return lambda: rmcy.join(key).close()


def null_list(directory: Path) -> Callable[[], object]:
    STAND_IN.answer(ROWS)
    session = rmcy.start()
    return lambda: list(session.affected())


def engine_register(directory: Path) -> Callable[[], object]:
    paths = [str(directory / f"file-{n}") for n in range(FILES)]
    for path in paths:
        Path(path).touch()

    def register() -> None:
        with rmcy.start() as session:
            session.register(paths)

    return register


def engine_start(directory: Path) -> Callable[[], object]:
    return lambda: rmcy.start().close()


def engine_join(directory: Path) -> Callable[[], object]:
    session = rmcy.start()
    return lambda: rmcy.join(session.key).close()


MADE = (null_register, null_join, null_list, engine_register, engine_start, engine_join)
CASES = {case.__name__: case for case in MADE}


def main() -> None:
    name, times, directory = sys.argv[1:]
    with STAND_IN.behind("engine" if name.startswith("engine") else "null"):
        work = CASES[name](Path(directory))
        # What is made at the first time only is none of the difference.
        for _ in range(2 + int(times)):
            work()


if __name__ == "__main__":
    main()
