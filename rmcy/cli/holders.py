# SPDX-License-Identifier: MIT
"""Programs that use files, for the demo: real processes that hold what they are told to and end with the demo."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from rmcy import UniqueProcess, UseKind

LOADS, OPENS, NOTHING = "loads", "opens", "nothing"
# It says its number once it holds its file, and ends when the demo does, however that ends: the lock on "alive" is
# the demo's until then. Started again it is a stranger's child, and has neither its input nor its output.
PROGRAM = f"""\
import ctypes, fcntl, os, sys
import rmcy

how, *files = sys.argv[1:]
if how == "{LOADS}":
    held = ctypes.CDLL(files[0])
elif how == "{OPENS}":
    held = open(files[0], "rb")
alive = open("alive")
if how != "{NOTHING}":
    again = ["-P", sys.argv[0], *sys.argv[1:]]
    rmcy.register_application_restart(again, environment={{"PYTHONPATH": os.environ["PYTHONPATH"]}})
with open("ready", "w") as ready:
    ready.write(f"{{os.getpid()}}\\n")
fcntl.flock(alive, fcntl.LOCK_SH)
"""
READY_SECONDS = 10.0


@dataclass
class Holder:
    """A program under way, and what it uses."""

    process: UniqueProcess
    story: str
    holds: frozenset[tuple[str, UseKind]]


@dataclass
class Holders:
    """The programs that were started; all of them end with the block, also those that were started again."""

    folder: Path
    running: list[Holder] = field(default_factory=list[Holder])
    _children: ExitStack = field(default_factory=ExitStack)
    _strangers: list[int] = field(default_factory=list[int])

    def __enter__(self) -> Self:
        (self.folder / "program.py").write_text(PROGRAM)
        os.mkfifo(self.folder / "ready", 0o600)
        # Open for writing, too: so it never ends.
        self._ready = os.open(self.folder / "ready", os.O_RDWR | os.O_NONBLOCK)
        self._alive = os.open(self.folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
        _lock(self._alive, True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        os.close(self._alive)
        os.close(self._ready)

    def python(self, how: str, file: Path | None, kind: UseKind | None, story: str) -> None:
        """Start a Python program that uses a file; if it uses one, it registers for being started again."""
        command = [sys.executable, "-P", "program.py", how, *([str(file)] if file else [])]
        holds = frozenset({(str(file), kind)}) if file and kind else frozenset[tuple[str, UseKind]]()
        self._start(command, story, holds)
        self.wait_ready(1)

    def program(self, file: Path, story: str) -> None:
        """Start a program from its own file."""
        # When Popen returns the child runs that file: it waits for the exec.
        self._start([str(file)], story, frozenset({(str(file), UseKind.EXECUTABLE)}))

    def _start(self, command: Sequence[str], story: str, holds: frozenset[tuple[str, UseKind]]) -> None:
        env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        # A group of its own: Ctrl-C at a terminal is the demo's, which ends the others.
        child = subprocess.Popen(command, stdin=pipe, stdout=nowhere, cwd=self.folder, env=env, process_group=0)
        self._children.callback(_end, child)
        self.running.append(Holder(UniqueProcess.from_pid(child.pid), story, holds))

    def wait_ready(self, count: int) -> list[int]:
        """Wait until so many programs have said that they hold their files; their numbers."""
        said = b""
        while said.count(b"\n") < count:
            if not select.select([self._ready], [], [], READY_SECONDS)[0]:
                raise ChildProcessError("a program of the demo did not start, or ended instead of using its file")
            said += os.read(self._ready, 4096)
        return [int(line) for line in said.split()]

    def adopt(self, pids: Sequence[int]) -> None:
        """Wait at the end for these, too: they were started again, by somebody else."""
        self._strangers += [os.pidfd_open(pid) for pid in pids]

    def end(self) -> None:
        """Let all of them end, and wait until they have."""
        _lock(self._alive, False)
        self._children.close()
        while self._strangers:
            handle = self._strangers.pop()
            select.select([handle], [], [])
            os.close(handle)


def _lock(descriptor: int, locked: bool) -> None:
    import fcntl  # not on every system

    fcntl.flock(descriptor, fcntl.LOCK_EX if locked else fcntl.LOCK_UN)


def _end(child: subprocess.Popen[bytes]) -> None:
    # Closes standard input, which is what the other program waits for; __exit__ waits for it.
    with child:
        pass


def run_register(files: Sequence[Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `rmcy register` as a process of its own, with the key in its environment."""
    # -P: a folder named rmcy in the current directory is not what is meant.
    command = [sys.executable, "-P", "-m", "rmcy", "register", *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=env, process_group=0)
