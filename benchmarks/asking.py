# SPDX-License-Identifier: MIT
"""Who uses these files, asked in each way there is. A way's answer is compared with the truth before it is timed."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from holders import Load, Uses

import rmcy
from rmcy.bench import Absent, Contender, Way, Work

try:
    import psutil
except ImportError:
    psutil = None

Raw = TypeVar("Raw")

# Two looks at a machine that does other things are not the same; more than this, each time, is not by accident.
DRIFT = 0.05
LOOKS = 5

# More names than this take minutes in an argument list.
MANY_NAMES = 10_000

# Some of them wait for file systems that do not answer, for ever.
MOST_SECONDS = 900


def asker(name: str, load: Load, size: int, ask: Callable[[], Raw], read: Callable[[Raw], Uses]) -> Way:
    """A way that says which process uses which file: `ask` is timed, what `read` makes of it is compared."""
    truth = load.truth(size)

    def check() -> str | None:
        found = read(ask())
        missed, added = len(truth - found), len(found - truth)
        return f"missed {missed} of {len(truth)} uses, {added} are not so" if missed or added else None

    return Way(name, lambda: ask, check)


class Worker:
    """rmcy in a process of its own, told once how to read maps and how many processors it has; asks when told to."""

    def __init__(self, name: str, load: Load, size: int, scanner: str, *, processors: str = "all") -> None:
        self.name = name
        self._truth = load.truth(size)
        self._paths = load.paths(size)
        self._scanner = scanner
        self._processors = processors
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> Work:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("worker.py")), self._processors],
                env=os.environ | {"RMCY_SCANNER": self._scanner},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._say(json.dumps(self._paths).encode())
            self._hear()
        return self._ask

    def _say(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def _hear(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the worker ended")
        return line

    def _ask(self) -> bytes:
        self._say(b"ask")
        return self._hear()

    def close(self) -> None:
        """It stays: loading is no part of asking."""

    def end(self) -> None:
        if self._process is not None:
            self._process.communicate()

    def check(self) -> str | None:
        self.open()()
        self._say(b"tell")
        scanner, uses = json.loads(self._hear())
        if scanner != self._scanner:
            return f"read by {scanner}"
        found = frozenset((pid, path) for pid, path in uses)
        return None if found == self._truth else f"missed {len(self._truth - found)} of {len(self._truth)} uses"


class Counts(ctypes.Structure):
    _fields_ = [("processes", ctypes.c_uint64), ("descriptors", ctypes.c_uint64), ("maps", ctypes.c_uint64)]


class Floor:
    """The system calls alone (floor.c). It has no answer; it is right if it looked at as much as rmcy."""

    name = "C, the system calls alone"

    def __init__(self, library: ctypes.CDLL, load: Load, size: int) -> None:
        self._paths = load.paths(size)
        self._names = (ctypes.c_char_p * size)(*map(os.fsencode, self._paths))
        self._counts = Counts()
        by_query = rmcy.backend_info().scanner == "proc-query"
        self._ask = partial(library.floor_ask, self._names, ctypes.c_size_t(size), by_query, ctypes.byref(self._counts))

    def open(self) -> Work:
        return self._ask

    def close(self) -> None:
        pass

    def check(self) -> str | None:
        told = self._compare()
        # Other programs come and go between the two looks: one look that agrees will do.
        for _ in range(LOOKS - 1):
            if told is None:
                break
            told = self._compare()
        return told

    def _compare(self) -> str | None:
        stats = rmcy.who(self._paths).stats
        self._ask()
        for what in ("processes", "descriptors", "maps") if self._counts.maps else ("processes", "descriptors"):
            ours, its = getattr(stats, what), getattr(self._counts, what)
            if abs(ours - its) > DRIFT * ours:
                return f"looked at {its} {what}, rmcy at {ours}"
        return None


# ---- how each is asked, and what its answer says ----


def of_rmcy(found: rmcy.AffectedList) -> Uses:
    return frozenset((app.process.pid, use.path) for app in found for use in app.uses or ())


def of_rmcy_json(text: bytes) -> Uses:
    found = json.loads(text)
    return frozenset((app["process"]["pid"], use["path"]) for app in found["apps"] for use in app["uses"] or ())


def of_fuser(files: Path, text: bytes) -> Uses:
    """A line for each file that is used: its name, then pids, each with letters that say how."""
    uses = set()
    for line in text.decode().splitlines():
        name, colon, pids = line.partition(":")
        if colon and not name.startswith("Cannot"):
            uses |= {(int(pid.rstrip("cefFrmt")), os.path.join(files, name)) for pid in pids.split()}
    return frozenset(uses)


def of_lsof(files: Path, wanted: frozenset[str], text: bytes) -> Uses:
    """Lines of one field each: p and the pid, then n and a name for each file of it."""
    uses = set()
    pid = 0
    for line in text.decode("utf-8", "surrogateescape").splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif line.startswith("n") and (path := os.path.join(files, line[1:])) in wanted:
            uses.add((pid, path))
    return frozenset(uses)


def of_lsfd(wanted: frozenset[str], text: bytes) -> Uses:
    lines = (line.split(" ", 1) for line in text.decode("utf-8", "surrogateescape").splitlines()[1:])
    return frozenset((int(pid), name) for pid, name in lines if name in wanted)


def by_psutil(wanted: frozenset[str]) -> Uses:
    uses = set()
    for process in psutil.process_iter():
        try:
            names = [file.path for file in process.open_files()]
            names += [map.path for map in process.memory_maps()]
            names.append(process.exe())
        except (psutil.Error, OSError):
            continue
        uses |= {(process.pid, name) for name in names if name in wanted}
    return frozenset(uses)


def command(files: Path, arguments: list[str], given: bytes | None = None, *, errors: bool = False) -> bytes:
    """What it prints. Its status says whether anything was found, to which the answer is the better witness."""
    done = subprocess.run(
        arguments,
        cwd=files,
        input=given if given is not None else b"",
        stdout=subprocess.PIPE,
        # fuser has the names there.
        stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
        check=False,
        timeout=MOST_SECONDS,
    )
    return done.stdout


def ways(load: Load, size: int, floor: ctypes.CDLL, slow: bool) -> Iterator[Contender]:
    """All that can take part here. Many files named in an argument list take minutes: only if `slow`."""
    paths, wanted = load.paths(size), frozenset(load.paths(size))
    names = load.names(size)
    run = partial(command, load.files)
    by_name = size <= MANY_NAMES or slow

    yield asker("rmcy", load, size, partial(rmcy.who, paths), of_rmcy)
    yield Floor(floor, load, size)
    if len(os.sched_getaffinity(0)) > 1:
        # Where it has one processor it reads in one thread, as the floor does.
        yield Worker("rmcy, one thread", load, size, rmcy.backend_info().scanner, processors="one")
    if "proc-text" in rmcy.backend_info().scanners and rmcy.backend_info().scanner != "proc-text":
        yield Worker("rmcy, maps as text", load, size, "proc-text")
    program = Path(sys.executable).with_name("rmcy")
    if program.exists():
        listed = "".join(f"{path}\0" for path in paths).encode()
        yield asker("rmcy who", load, size, partial(run, [str(program), "who", "-0", "--json"], listed), of_rmcy_json)
    if shutil.which("fuser") and by_name:
        yield asker("fuser", load, size, partial(run, ["fuser", *names], errors=True), partial(of_fuser, load.files))
    if shutil.which("lsof"):
        read = partial(of_lsof, load.files, wanted)
        options = ["lsof", "-w", "-n", "-P", "-F", "pn"]
        if by_name:
            yield asker("lsof", load, size, partial(run, [*options, "--", *names]), read)
        yield asker("lsof, all files", load, size, partial(run, options), read)
    if shutil.which("lsfd"):
        options = ["lsfd", "--raw", "--notruncate", "-o", "PID,NAME"]
        yield asker("lsfd, all files", load, size, partial(run, options), partial(of_lsfd, wanted))
    if psutil is not None:
        yield asker("psutil", load, size, partial(by_psutil, wanted), frozenset)


def absent(size: int, slow: bool) -> Iterator[Absent]:
    """Who takes no part in it, and why."""
    yield Absent("needrestart", "it takes no files; what it can be asked is a contest of its own")
    for tool in ("fuser", "lsof", "lsfd"):
        if not shutil.which(tool):
            yield Absent(tool, "it is not installed")
    if psutil is None:
        yield Absent("psutil", "it is not installed")
    if not (size <= MANY_NAMES or slow):
        yield Absent("fuser", "with so many names it takes minutes: --slow asks it")
