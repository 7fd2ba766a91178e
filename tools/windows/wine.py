# SPDX-License-Identifier: MIT
"""A Wine prefix, and programs that run in it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from types import TracebackType
from typing import IO, Self

HERE = Path(__file__).parent
COMPILER = "x86_64-w64-mingw32-gcc"
OVERRIDES = "rstrtmgr=n;mscoree,mshtml="
DEADLINE = 540.0  # seconds after which a program is thought to hang
# What programs in there may know of the environment outside: nothing that changes what a test sees.
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "CI")


def windows_path(path: Path) -> PureWindowsPath:
    """The name that a file of this machine has under Wine."""
    return PureWindowsPath("Z:", path.resolve())


class Prefix:
    """A Wine prefix below a work folder; it is made if it is not there yet, and its server ends with the block."""

    def __init__(self, work: Path) -> None:
        self.folder = work / "prefix"
        self._stay = work / "stay.exe"
        self._staying: subprocess.Popen[bytes] | None = None

    @property
    def system(self) -> Path:
        """The folder where the DLLs of Windows are."""
        return self.folder / "drive_c" / "windows" / "system32"

    def environment(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return passed_on | {
            "LC_ALL": "C.UTF-8",
            "WINEARCH": "win64",
            "WINEDEBUG": os.environ.get("WINEDEBUG", "-all"),
            "WINEDLLOVERRIDES": OVERRIDES,
            "WINEPREFIX": str(self.folder),
        }

    def run(
        self, *command: str | PurePath, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> int:
        """Run a program, pass on what it prints, and return its exit status."""

        def show(piece: bytes) -> None:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()

        sys.stdout.flush()
        return self._run(command, show, environment, cwd)

    def ask(
        self, *command: str | PurePath, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, str]:
        """Run a program, and return its exit status and what it printed."""
        pieces: list[bytes] = []
        status = self._run(command, pieces.append, environment, cwd)
        return status, b"".join(pieces).decode(errors="replace").replace("\r\n", "\n")

    def _run(
        self,
        command: Sequence[str | PurePath],
        take: Callable[[bytes], object],
        environment: Mapping[str, str] | None,
        cwd: Path | None,
    ) -> int:
        # Wine 8 wants an input that is no terminal, and pipes, not files, for the output.
        with subprocess.Popen(
            ["wine", *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=self.environment() | dict(environment or {}),
        ) as process:
            assert process.stdout is not None
            pass_on(process.stdout, process.pid, take)
            return process.wait()

    def make(self) -> None:
        """Make the prefix if it is not there yet, under another name until it is whole."""
        if shutil.which("wine") is None:
            sys.exit("Wine is not installed (Debian packages wine and wine64)")
        if self.folder.exists():
            return
        finished = self.folder
        self.folder = finished.with_suffix(".unfinished")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for command in (("wineboot.exe", "--init"), ("regedit.exe", "/S", windows_path(HERE / "prefix.reg"))):
            status, output = self.ask(*map(str, command))
            if status:
                sys.exit(f"{command[0]} failed with status {status} in {self.folder}: {output}")
        self._end()
        self.folder = self.folder.rename(finished)

    def __enter__(self) -> Self:
        self.make()
        if not self._stay.exists():
            subprocess.run([COMPILER, "-O2", "-Wall", "-o", str(self._stay), str(HERE / "stay.c")], check=True)
        self._staying = subprocess.Popen(
            ["wine", str(self._stay)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
        )
        assert self._staying.stdout is not None
        if self._staying.stdout.read(1) != b"\n":
            sys.exit(f"Wine does not run programs in {self.folder}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._staying is not None
        self._staying.communicate()
        self._end()

    def _end(self) -> None:
        """End what still runs in the prefix, and wait until it has."""
        for option in ("-k", "-w"):
            subprocess.run(["wineserver", option], check=False, env=self.environment())


def pass_on(output: IO[bytes], pid: int, take: Callable[[bytes], object]) -> None:
    """Hand on what a process writes until it ends: Wine's own processes hold the pipe open for longer than that."""
    ended = os.pidfd_open(pid)
    deadline = time.monotonic() + DEADLINE
    try:
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(ended, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _event in poll.poll(1000 * max(0.0, deadline - time.monotonic()))}
            if not ready:
                os.kill(pid, signal.SIGKILL)
                sys.exit(f"a program under Wine did not end within {DEADLINE:.0f} seconds")
            if output.fileno() in ready:
                piece = os.read(output.fileno(), 65536)
                if not piece:
                    return
                take(piece)
            elif ended in ready:
                return
    finally:
        os.close(ended)
