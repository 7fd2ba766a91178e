# SPDX-License-Identifier: MIT
"""Programs that run beside a test, say a line when they are ready, and end when their input does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from types import TracebackType
from typing import Self

import pytest

from fix_process import ON_WINDOWS, PYTHON, environment

# On Windows a program without windows is asked to end by Ctrl-C, of which a Python that reads its input would hear when
# it has read it.
FIRST = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n" if ON_WINDOWS else ""
# What a program does last: end with its input, not with time.
UNTIL_CLOSED = "\nimport sys\nsys.stdin.read()\n"


class Program:
    """A Python program that has printed its first line: `said`."""

    def __init__(self, source: str, *arguments: str, env: Mapping[str, str] | None = None, user: int | None = None):
        self.process = subprocess.Popen(
            [PYTHON, "-c", FIRST + dedent(source) + UNTIL_CLOSED, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(env) | {"PYTHONSAFEPATH": "1"},
            user=user,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Let it end and give its exit status."""
        self.process.communicate()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.communicate()


@pytest.fixture
def run_program() -> Iterator[Callable[..., Program]]:
    with ExitStack() as programs:

        def start(
            source: str, *arguments: str, env: Mapping[str, str] | None = None, user: int | None = None
        ) -> Program:
            return programs.enter_context(Program(source, *arguments, env=env, user=user))

        yield start


HOLDER = """
import sys
held = open(sys.argv[1], "rb")
print("ready", flush=True)
"""


@pytest.fixture
def held_file(tmp_path: Path, run_program: Callable[..., Program]) -> tuple[Path, Program]:
    """A file, and a program that has it open."""
    path = tmp_path / "held"
    path.write_text("x")
    return path, run_program(HOLDER, str(path))
