# SPDX-License-Identifier: MIT
"""Where a case finds files, file systems and programs that hold files, all of which end with it."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
USER = 54321  # an ordinary user who has no other process

# An interpreter may lie where only root may read; looking at processes does not get easier by that.
AS_USER = (
    "setpriv",
    f"--reuid={USER}",
    f"--regid={USER}",
    "--clear-groups",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
)

# The same user, allowed to mount: the file system is this user's, as fusermount would have it.
AS_MOUNTING_USER = (
    *AS_USER[:4],
    "--inh-caps=+dac_override,+sys_admin",
    "--ambient-caps=+dac_override,+sys_admin",
)


class CannotMake(Exception):
    """This machine lacks what a case is made of; says what."""


@cache
def compiled(name: str) -> Path:
    """A program of this directory, compiled once and removed when this process ends."""
    directory = Path(mkdtemp(prefix="rmcy-holder-"))
    atexit.register(shutil.rmtree, directory)
    directory.chmod(0o755)
    program = directory / name
    source = str(HERE / f"{name}.c")
    subprocess.run([os.environ.get("CC", "cc"), "-O1", "-pthread", "-o", str(program), source, "-ldl"], check=True)
    return program


class Holder:
    """A running holder.c that has done what it was told. `pid` is its number as this process sees it."""

    def __init__(self, program: Path, verbs: tuple[str | Path, ...], prefix: tuple[str, ...]):
        self.process = subprocess.Popen(
            [*prefix, program, *verbs], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        word, _, number = self.process.stdout.readline().partition(" ")
        if word != "ready":
            self.end()
            raise CannotMake(f"{' '.join(str(verb) for verb in verbs)} failed")
        self.pid = int(number)

    def stop(self) -> None:
        """Stop it, as a shell does with ^Z, and wait until it is."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.send_signal(signal.SIGCONT)
        self.process.wait()


class Lab:
    """The surroundings of one case."""

    def __init__(self, directory: Path):
        self.directory = directory
        self._stack = ExitStack()
        self._count = 0

    def __enter__(self) -> Self:
        self._stack.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def place(self, name: str = "") -> Path:
        """A new directory."""
        self._count += 1
        path = self.directory / f"{self._count}{name}"
        path.mkdir()
        return path

    def file(self, directory: Path | None = None, name: str = "file") -> Path:
        """A new file, big enough to be mapped."""
        path = (directory or self.place()) / name
        path.write_bytes(b"x" * 4096)
        return path

    def program(self, name: str = "program") -> Path:
        """A copy of the holder, to be run."""
        return Path(shutil.copy(compiled("holder"), self.place() / name))

    def library(self) -> Path:
        """A shared library that nobody has."""
        path = self.place() / "library.so"
        command = [os.environ.get("CC", "cc"), "-shared", "-nostdlib", "-x", "c", "-o", str(path), os.devnull]
        subprocess.run(command, check=True)
        return path

    def hold(self, *verbs: str | Path, program: Path | None = None, prefix: tuple[str, ...] = ()) -> Holder:
        holder = Holder(program or compiled("holder"), verbs, prefix)
        self._stack.callback(holder.end)
        return holder

    def run(self, *command: str | Path) -> None:
        if shutil.which(command[0]) is None:
            raise CannotMake(f"{command[0]} is not installed")
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise CannotMake(f"{' '.join(str(word) for word in command)}: {done.stdout.strip()}")

    def mount(self, kind: str, source: str | Path = "none", options: str = "") -> Path:
        """Mount a file system until the case ends; gives the mount point."""
        return self.mount_at(self.place(f"-{kind}"), kind, source, options)

    def mount_at(self, target: Path, kind: str, source: str | Path = "none", options: str = "") -> Path:
        self.run("mount", "-t", kind, *(("-o", options) if options else ()), source, target)
        self._stack.callback(self._unmount, target)
        return target

    def bind(self, source: Path, target: Path) -> None:
        self.run("mount", "--bind", source, target)
        self._stack.callback(self._unmount, target)

    def _unmount(self, target: Path) -> None:
        subprocess.run(["umount", target], check=True)

    def disk(self, kind: str, megabytes: int, *options: str) -> Path:
        """A new file system in a file, mounted."""
        image = self.place() / f"{kind}.image"
        with image.open("xb") as file:
            file.truncate(megabytes << 20)
        self.run(f"mkfs.{kind}", *options, image)
        return self.mount(kind, image, "loop")

    def overlay(self) -> tuple[Path, Path, Path]:
        """An overlay: lower, upper, and the two merged. Files go into lower first, so call `mount_overlay` then."""
        return self.place("-lower"), self.place("-upper"), self.place("-work")

    def mount_overlay(self, lower: Path, upper: Path, work: Path) -> Path:
        return self.mount("overlay", options=f"lowerdir={lower},upperdir={upper},workdir={work}")

    def bindfs(self, source: Path, *options: str, prefix: tuple[str, ...] = ()) -> Path:
        """A FUSE file system that shows another directory."""
        return self.bindfs_at(self.place("-fuse"), source, *options, prefix=prefix)

    def bindfs_at(self, target: Path, source: Path, *options: str, prefix: tuple[str, ...] = ()) -> Path:
        self.run(*prefix, "bindfs", *options, source, target)
        self._stack.callback(self._unmount, target)
        return target
