# SPDX-License-Identifier: MIT
"""The command that `rmcy run` is for: found before anything is stopped, handed the signals that rmcy gets, waited for.

It stays in rmcy's process group, so that it is in the foreground of a terminal if rmcy is, and may read from it.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rmcy.cli.signals import ENDING, FROM_KEYBOARD, available, handled
from rmcy.cli.text import quote

CANNOT_EXECUTE = 126
NOT_FOUND = 127
# Between asking to end and killing, once the time is over.
GRACE = 10.0

FORWARDED = (*FROM_KEYBOARD, *ENDING, *available("SIGUSR1", "SIGUSR2"))
# What cannot be refused; where there is nothing stronger, asking to end is no question either.
KILL = (*available("SIGKILL"), signal.SIGTERM)[0]


class CommandError(Exception):
    """The command cannot be run: `status` is what a shell would end with."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: with which exit status (128+N for a signal), and what came before.

    `interrupted`: the first signal to end that rmcy got meanwhile; `timed_out`: its time was over.
    """

    status: int
    interrupted: int | None = None
    timed_out: bool = False

    @property
    def cut_short(self) -> bool:
        """Whether it was ended before it was done; that of an interactive program Ctrl-C is no end."""
        return self.timed_out or (self.interrupted is not None and self.status != 0)


def find_command(name: str) -> None:
    """Raise CommandError if there is no such command, or none that can be executed."""
    if shutil.which(name) is not None:
        return
    if os.path.dirname(name):
        there = os.path.lexists(name)
    else:
        there = any(os.path.isfile(os.path.join(place, name)) for place in os.get_exec_path())
    if there:
        raise CommandError(CANNOT_EXECUTE, f"{quote(name)} cannot be executed; it may lack the permission")
    raise CommandError(NOT_FOUND, f"{quote(name)}: there is no such command")


def run_command(
    command: Sequence[str] | str, env: Mapping[str, str], timeout: float | None, *, beside: bool = False
) -> Ended:
    """Run a command to its end; a str is a line for the system's shell.

    Signals that rmcy gets meanwhile are the command's. timeout: seconds, then it is asked to end, and killed if it
    does not. beside: what it prints is not the answer, and goes to standard error; and standard input is not for it.
    Raises CommandError if it cannot be executed.
    """
    for number in available("SIGCHLD"):
        # Who started rmcy may have had it ignored: then nobody learns how a child ended.
        signal.signal(number, signal.SIG_DFL)
    line = isinstance(command, str)
    with _Forwarder() as forwarder:
        try:
            if beside:
                output = subprocess.DEVNULL if sys.stderr is None else sys.stderr.fileno()
                child = subprocess.Popen(command, shell=line, env=env, stdin=subprocess.DEVNULL, stdout=output)
            else:
                child = subprocess.Popen(command, shell=line, env=env)
        except OSError as error:
            status = NOT_FOUND if error.errno == errno.ENOENT else CANNOT_EXECUTE
            name = command if isinstance(command, str) else command[0]
            raise CommandError(status, f"{quote(name)} cannot be executed: {error.strerror}") from error
        forwarder.start(child)
        with _timed(forwarder, timeout) as over:
            _wait_unreaped(child)
            # From here on its number may be somebody else's.
            forwarder.stop()
        code = child.wait()
    return Ended(_status(code), forwarder.interrupted, over.is_set())


def _status(code: int) -> int:
    """Make an exit status of how a child ended: a signal as shells have it, and 32 bits with a sign as cmd has them."""
    if code < 0:
        return 128 - code
    return code if code < 1 << 31 else code - (1 << 32)


class _Forwarder:
    """Hands signals on to a child, from before it starts until it has ended."""

    def __init__(self) -> None:
        self.interrupted: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._lock = threading.RLock()

    def start(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._child = child
            for number in self._early:
                self.send(number)

    def stop(self) -> None:
        with self._lock:
            self._child = None

    def send(self, number: int) -> None:
        with self._lock:
            if self._child is not None:
                _send(self._child, number)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.interrupted is None and number in (*FROM_KEYBOARD, *ENDING):
            self.interrupted = number
        if number in FROM_KEYBOARD and _in_foreground():
            # The terminal has sent it to the command as well.
            return
        if self._child is None:
            self._early.append(number)
        self.send(number)

    def __enter__(self) -> _Forwarder:
        self._handlers = handled(FORWARDED, self._handle)
        self._handlers.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self._handlers.__exit__(None, None, None)


@contextmanager
def _timed(forwarder: _Forwarder, timeout: float | None) -> Generator[threading.Event, None, None]:
    """Ask the child to end when the time is over, and kill it if it takes longer than GRACE."""
    over = threading.Event()
    ended = threading.Event()
    if timeout is None:
        yield over
        return

    def watch() -> None:
        if ended.wait(min(timeout, threading.TIMEOUT_MAX)):
            return
        over.set()
        forwarder.send(signal.SIGTERM)
        if not ended.wait(GRACE):
            forwarder.send(KILL)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield over
    finally:
        ended.set()
        watcher.join()


def _send(child: subprocess.Popen[bytes], number: int) -> None:
    if hasattr(os, "waitid"):
        # Not send_signal(): that would reap it.
        os.kill(child.pid, number)
    else:
        child.send_signal(number)


def _wait_unreaped(child: subprocess.Popen[bytes]) -> None:
    """Wait until a child has ended, and leave it a zombie, so that its number stays its own."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    else:
        # There its number is its own as long as there is a Popen.
        child.wait()


def _in_foreground() -> bool:
    """Whether rmcy and its child are what the keyboard of a terminal interrupts."""
    if not hasattr(os, "tcgetpgrp"):
        # Without process groups whoever has the console is interrupted.
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
