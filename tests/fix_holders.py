# SPDX-License-Identifier: MIT
"""Programs that hold a file in one way each, say when they do, and end with the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from fix_process import ON_WINDOWS, PYTHON, environment

FOLDER = Path(__file__).parent / "holders"

Argument = str | bytes | Path

# A program that runs wherever it is copied to, and how it is told to repeat what it reads.
REPEATS = PYTHON if ON_WINDOWS else str(shutil.which("cat"))
REPEAT = ["-S", "-c", "import sys; print(sys.stdin.readline(), end='', flush=True); sys.stdin.read()"]


class Holders:
    """The holders of one test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, name: str, *arguments: Argument, before: Sequence[Argument] = ()) -> int:
        """Start tests/holders/`name`.py, by the command `before` if there is one; the pid of what holds."""
        return self.start_command([*before, PYTHON, "-I", "-S", FOLDER / f"{name}.py", *arguments])

    def start_command(self, command: Sequence[Argument]) -> int:
        """Start a program that says "ready" in a line, and ends when its input does or it is killed."""
        program = self._popen(command)
        assert program.stdout is not None
        assert program.stdout.readline().strip() == b"ready"
        return program.pid

    def start_executable(self, path: Argument) -> int:
        """Start a copy of REPEATS, which says that it runs by repeating a line."""
        program = self._popen([path, *REPEAT] if ON_WINDOWS else [path])
        assert program.stdin is not None
        program.stdin.write(b"ready\n")
        program.stdin.flush()
        assert program.stdout is not None
        assert program.stdout.readline().strip() == b"ready"
        return program.pid

    def _popen(self, command: Sequence[Argument]) -> subprocess.Popen[bytes]:
        env = environment()
        if ON_WINDOWS:
            # For a copy of Python, which finds nothing beside itself.
            folder = os.path.dirname(PYTHON)
            env |= {"PYTHONHOME": folder, "PATH": os.pathsep.join([folder, env["PATH"]])}
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self._stack.callback(_end, program)
        return program


def _end(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.communicate()


@pytest.fixture
def holders() -> Iterator[Holders]:
    with ExitStack() as stack:
        yield Holders(stack)


@pytest.fixture
def root() -> None:
    """For what only root can set up: another root directory, mounts."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
