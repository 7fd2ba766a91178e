# SPDX-License-Identifier: MIT
"""Programs that use files, for the demo: real processes that hold what they are told to and end with their parent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from rmcy import UniqueProcess, UseKind

# Each says "ready" once it holds its file, and ends when its standard input does: the kernel closes
# that even if the demo is killed.
OPENS = "import sys; held = open(sys.argv[1], 'rb'); print('ready', flush=True); sys.stdin.read()"
LOADS = "import ctypes, sys; held = ctypes.CDLL(sys.argv[1]); print('ready', flush=True); sys.stdin.read()"
NOTHING = "import sys; print('ready', flush=True); sys.stdin.read()"


@dataclass
class Holder:
    """A program under way, and what it uses."""

    child: subprocess.Popen[bytes]
    process: UniqueProcess
    story: str
    holds: frozenset[tuple[str, UseKind]]


@dataclass
class Holders:
    """The programs that were started; all of them end with the block."""

    folder: Path
    running: list[Holder] = field(default_factory=list[Holder])
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def python(self, code: str, file: Path | None, kind: UseKind | None, story: str) -> None:
        """Start a Python program that uses a file in the way of `code`."""
        command = [sys.executable, "-I", "-S", "-c", code, *([str(file)] if file else [])]
        holds = frozenset({(str(file), kind)}) if file and kind else frozenset[tuple[str, UseKind]]()
        self._start(command, story, holds, says_ready=True)

    def program(self, file: Path, story: str) -> None:
        """Start a program from its own file."""
        # When Popen returns the child runs that file: it waits for the exec.
        self._start([str(file)], story, frozenset({(str(file), UseKind.EXECUTABLE)}), says_ready=False)

    def _start(
        self, command: Sequence[str], story: str, holds: frozenset[tuple[str, UseKind]], says_ready: bool
    ) -> None:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder)
        self._stack.callback(_end, child)
        if says_ready and child.stdout is not None and child.stdout.readline() != b"ready\n":
            raise ChildProcessError(f"the program {story!r} ended with {child.wait()} instead of using its file")
        self.running.append(Holder(child, UniqueProcess.from_pid(child.pid), story, holds))

    def end(self) -> None:
        """Let all of them end, and wait until they have."""
        self._stack.close()


def _end(child: subprocess.Popen[bytes]) -> None:
    # Closes standard input, which is what they wait for; __exit__ waits for them.
    with child:
        pass


def run_register(files: Sequence[Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `rmcy register` as a process of its own, with the key in its environment."""
    # -P: a folder named rmcy in the current directory is not what is meant.
    command = [sys.executable, "-P", "-m", "rmcy", "register", *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
