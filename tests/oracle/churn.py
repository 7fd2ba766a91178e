# SPDX-License-Identifier: MIT
"""Processes that take and let go files of one directory: `python -m oracle.churn DIRECTORY LOG ACTORS SEED`.

It says "ready" when the first have files, and ends when its input does. What
an actor does next is drawn from its seed; when, is the machine's affair. At
most two children of an actor live at a time. No file is given a name back
that it has had.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import random
import select
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from oracle.inode import Inode, of_descriptor, of_path
from oracle.log import Writer
from oracle.truth import Process, start_of

NAMES = 16
PROGRAMS = ("/bin/cat", "/bin/dash")
CLONE_FILES = 0x400
FILE_SIZE = 8192

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)


def map_descriptor(fd: int) -> int:
    """By the C library: Python's mmap keeps a descriptor beside the map."""
    address = libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_PRIVATE, fd, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "mmap")
    return int(address)


class Actor:
    def __init__(self, directory: Path, log: Writer, seed: str, stop: int) -> None:
        self.directory, self.log, self.stop = directory, log, stop
        self.random = random.Random(seed)
        self.process = self.whoami()
        self.made = 0
        self.descriptors: dict[int, Inode] = {}
        self.maps: dict[int, Inode] = {}
        self.children: dict[Process, int] = {}  # and what ends each

    @staticmethod
    def whoami() -> Process:
        start = start_of(os.getpid())
        assert start is not None
        return Process(os.getpid(), start)

    def name(self) -> Path:
        return self.directory / f"file-{self.random.randrange(NAMES)}"

    def fresh(self) -> Path:
        self.made += 1
        return self.directory / f"{self.process.pid}-{self.process.start}-{self.made}"

    def items(self) -> list[tuple[str, str, Inode]]:
        opened = [(f"fd {fd}", "open", inode) for fd, inode in self.descriptors.items()]
        return opened + [(f"map {at}", "mapped", inode) for at, inode in self.maps.items()]

    # ---- files ----

    def create(self) -> None:
        """A new file in the place of another, as a package manager does it; it may get that one's number."""
        target, new = self.name(), self.fresh()
        if self.random.random() < 0.5:
            target.unlink(missing_ok=True)
        with open(new, "xb") as file:
            # Nobody else knows the name, and it is closed when it gets the other.
            os.ftruncate(file.fileno(), FILE_SIZE)
        os.rename(new, target)

    def remove(self) -> None:
        self.name().unlink(missing_ok=True)

    def rename(self) -> None:
        os.rename(self.name(), self.fresh())

    def tidy(self) -> None:
        for path in self.directory.glob(f"{self.process.pid}-*"):
            path.unlink(missing_ok=True)

    # ---- what it holds itself ----

    def open(self) -> None:
        if len(self.descriptors) > 6:
            return self.close()
        asked = time.monotonic_ns()
        fd = os.open(self.name(), self.random.choice((os.O_RDONLY, os.O_RDWR, os.O_PATH)))
        self.descriptors[fd] = of_descriptor(fd)
        os.set_inheritable(fd, self.random.random() < 0.5)
        self.log.took(self.process, [(f"fd {fd}", "open", self.descriptors[fd])], asked)

    def close(self) -> None:
        if self.descriptors:
            fd = self.random.choice(list(self.descriptors))
            self.log.leaving(self.process, [f"fd {fd}"])
            del self.descriptors[fd]
            os.close(fd)
            self.log.left(self.process)

    def map(self) -> None:
        if len(self.maps) > 6:
            return self.unmap()
        asked = time.monotonic_ns()
        fd = os.open(self.name(), os.O_RDONLY)
        inode = of_descriptor(fd)
        at = map_descriptor(fd)
        self.maps[at] = inode
        self.log.took(self.process, [(f"fd {fd}", "open", inode), (f"map {at}", "mapped", inode)], asked)
        self.log.leaving(self.process, [f"fd {fd}"])
        os.close(fd)
        self.log.left(self.process)

    def unmap(self) -> None:
        if self.maps:
            at = self.random.choice(list(self.maps))
            self.log.leaving(self.process, [f"map {at}"])
            del self.maps[at]
            libc.munmap(at, 4096)
            self.log.left(self.process)

    def thread(self) -> None:
        """A thread with a table of its own, in which it alone has a file; it has copies of the others' meanwhile."""
        path, done = self.name(), threading.Event()
        copies = [(f"copy {label}", kind, inode) for label, kind, inode in self.items() if kind == "open"]

        def run() -> None:
            asked = time.monotonic_ns()
            if libc.unshare(CLONE_FILES) < 0:
                return
            self.log.took(self.process, copies, asked)
            try:
                fd = os.open(path, os.O_RDONLY)
                self.log.took(self.process, [("thread", "open", of_descriptor(fd))], asked)
            except FileNotFoundError:
                pass
            done.wait()
            self.log.leaving(self.process, ["thread", *(label for label, _, _ in copies)])

        thread = threading.Thread(target=run)
        thread.start()
        self.pause(0.05)
        done.set()
        thread.join()
        # A thread that was joined may be in the kernel still, with its table.
        while len(os.listdir("/proc/self/task")) > 1:
            os.sched_yield()
        self.log.left(self.process)

    # ---- children ----

    def fork(self) -> None:
        """A child that has all that this one has, takes more, and ends at once or when it is killed."""
        if len(self.children) >= 2:
            return self.end()
        says, hear = os.pipe(), os.pipe()
        asked = time.monotonic_ns()
        pid = os.fork()
        if pid == 0:
            self.as_child(asked, says, hear)
        os.close(says[1])
        os.close(hear[0])
        start = start_of(pid)
        assert start is not None  # not yet waited for
        process = Process(pid, start)
        os.read(says[0], 1)
        os.close(says[0])
        self.children[process] = hear[1]
        return None

    def as_child(self, asked: int, says: tuple[int, int], hear: tuple[int, int]) -> None:
        try:
            os.close(says[0])
            os.close(hear[1])
            for end in self.children.values():
                os.close(end)
            self.children.clear()
            self.process = self.whoami()
            self.log.took(self.process, self.items(), asked)
            for act in self.random.choices((self.open, self.map, self.close, self.unmap, self.create), k=3):
                self.attempt(act)
            if self.random.random() < 0.5:
                os.write(says[1], b"!")
                os.read(hear[0], 1)
            self.log.ending(self.process)
        finally:
            os._exit(0)

    def execute(self) -> None:
        """A child that runs a program of the directory, and maybe another one after that."""
        if len(self.children) >= 2:
            return self.end()
        chain = [self.directory / f"program-{name}-{self.random.randrange(2)}" for name in ("dash", "cat")]
        chain = chain[self.random.randrange(2) :]
        script = 'read line; exec "$1"'
        says, hear = os.pipe(), os.pipe()
        asked = time.monotonic_ns()
        pid = os.fork()
        if pid == 0:
            try:
                self.process = self.whoami()
                self.log.took(self.process, self.items(), asked)
                os.dup2(hear[0], 0)
                os.dup2(says[1], 1)
                gone = [f"map {at}" for at in self.maps] + [
                    f"fd {fd}" for fd in self.descriptors if not os.get_inheritable(fd)
                ]
                self.log.leaving(self.process, gone)
                first = str(chain[0])
                os.execv(first, [first] if len(chain) == 1 else [first, "-c", script, "sh", str(chain[1])])
            finally:
                os._exit(127)
        os.close(says[1])
        os.close(hear[0])
        start = start_of(pid)
        assert start is not None
        process = Process(pid, start)
        self.log_program(process, chain[0], asked)
        if len(chain) == 2:
            self.pause(0.03)
            self.log.leaving(process, [f"{kind} {chain[0]}" for kind in ("executable", "mapped")])
            asked = time.monotonic_ns()
            os.write(hear[1], b"go on\n")
            self.log_program(process, chain[1], asked, hear[1], says[0])
        os.close(says[0])
        self.children[process] = hear[1]
        return None

    def log_program(self, process: Process, program: Path, asked: int, to: int = -1, out: int = -1) -> None:
        """It runs the program from now on, when cat has repeated a line; else since its link says so."""
        inode = of_path(str(program))  # to open it would be to hold it
        assert inode is not None
        if to >= 0:
            os.write(to, b"?")
            os.read(out, 1)
        else:
            while os.readlink(f"/proc/{process.pid}/exe") != str(program):
                os.sched_yield()
        # The link changes a moment before the program's maps are there: it is past that when it sleeps in read.
        items = [(f"{kind} {program}", kind, inode) for kind in ("executable", "mapped")]
        while (state := self.state(process.pid)) != "S":
            assert state != "Z", f"{program} ended at once"
            os.sched_yield()
        self.log.took(process, items, asked)
        self.log.left(process)

    @staticmethod
    def state(pid: int) -> str:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

    def end(self) -> None:
        if self.children:
            process = self.random.choice(list(self.children))
            self.log.ending(process)
            os.close(self.children.pop(process))
            if self.random.random() < 0.3:
                os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)
            self.log.ended(process)

    # ---- all day ----

    def pause(self, seconds: float) -> bool:
        """Wait for the end, not longer than that; is it the end?"""
        return bool(select.select([self.stop], [], [], self.random.random() * seconds)[0])

    def attempt(self, act: Callable[[], None]) -> None:
        with contextlib.suppress(FileNotFoundError):  # somebody else was faster
            act()

    def run(self) -> None:
        acts = {
            self.open: 6, self.close: 4, self.map: 6, self.unmap: 4, self.create: 6, self.remove: 1, self.rename: 2,
            self.tidy: 1, self.thread: 2, self.fork: 3, self.execute: 3, self.end: 3,
        }  # fmt: skip
        while not self.pause(0.06):
            self.attempt(self.random.choices(list(acts), list(acts.values()))[0])
        while self.children:
            self.end()


def main(directory: str, log: str, actors: str, seed: str) -> None:
    place, writer = Path(directory), Writer(Path(log))
    stop, stopping = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in range(NAMES):
        (place / f"file-{number}").write_bytes(bytes(FILE_SIZE))
    for program in PROGRAMS:
        for number in range(2):
            shutil.copy(program, place / f"program-{Path(program).name}-{number}")
    pids = []
    for number in range(int(actors)):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.close(stopping)
                # Number 0 stays taken: what is put there for a child to execute must not be in a file's place.
                os.dup2(nothing, 0)
                actor = Actor(place, writer, f"{seed}/{number}", stop)
                actor.run()
                actor.log.ending(actor.process)
                status = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(status)
        pids.append(pid)
    print("ready", flush=True)
    sys.stdin.read()
    os.close(stopping)
    bad = sum(os.waitpid(pid, 0)[1] != 0 for pid in pids)
    sys.exit(f"{bad} actors failed" if bad else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
