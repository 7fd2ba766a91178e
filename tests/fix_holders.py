# SPDX-License-Identifier: MIT
"""Programs that hold a file in one way each, say when they do, and end with the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "holders"

Argument = str | bytes | Path


class Holders:
    """The holders of one test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, name: str, *arguments: Argument, before: Sequence[Argument] = ()) -> int:
        """Start tests/holders/`name`.py, by the command `before` if there is one; the pid of what holds."""
        return self.start_command([*before, sys.executable, "-I", "-S", FOLDER / f"{name}.py", *arguments])

    def start_command(self, command: Sequence[Argument]) -> int:
        """Start a program that says "ready" in a line, and ends when its input does or it is killed."""
        program = self._popen(command)
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        return program.pid

    def start_executable(self, path: Argument) -> int:
        """Start a copy of cat, which says that it runs by repeating a line."""
        program = self._popen([path])
        assert program.stdin is not None
        program.stdin.write(b"ready\n")
        program.stdin.flush()
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        return program.pid

    def _popen(self, command: Sequence[Argument]) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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
