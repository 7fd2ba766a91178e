# SPDX-License-Identifier: MIT
"""Programs that can be brought back, and such as do not want to end. All of them end with the test."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import rmcy

from fix_process import ON_WINDOWS, PYTHON, environment

if TYPE_CHECKING:
    from fix_program import Program

HOLDER = Path(__file__).parent / "holders" / "come_back.py"

# Says "asked" each time that it is, and goes on.
STUBBORN = """
import ctypes, os, signal, sys
def asked(number, frame=None):
    os.write(1, b"asked\\n")
    return True
if os.name == "nt":
    handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)(asked)
    ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(handler, True)
else:
    signal.signal(signal.SIGTERM, asked)
held = open(sys.argv[1], "rb")
print("ready", flush=True)
"""


def listen() -> tuple[str, socket.socket]:
    """A socket of the kind that a system has, and what its other ends are told."""
    if ON_WINDOWS:
        listener = socket.create_server(("127.0.0.1", 0))
        return str(listener.getsockname()[1]), listener
    address = f"rmcy-test-{secrets.token_hex(8)}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"\0{address}")
    listener.listen()
    return address, listener


class Comebacks:
    """Programs that hold a file, registered for a restart, and told of by themselves as soon as they run."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._address, self._listener = listen()
        stack.enter_context(self._listener)
        self._connections: dict[int, socket.socket] = {}

    def start(self, path: Path, *command: str, slowly: bool = False) -> int:
        """Start one; what it registers is its own command, or another. `slowly`: it ends only when `let_end` says."""
        library = str(rmcy.backend_info().library)
        program = subprocess.Popen(
            [PYTHON, "-I", "-S", HOLDER, library, self._address, path, *command],
            env=environment() | ({"SLOWLY": "1"} if slowly else {}),
        )
        self._stack.callback(_end, program)
        pid = self.next()
        assert pid == program.pid
        return pid

    def next(self) -> int:
        """Wait for the next one that runs, and tell its pid."""
        connection, _ = self._listener.accept()
        # It ends when this is closed, whoever started it.
        self._stack.enter_context(connection)
        pid = int(connection.makefile().readline())
        self._connections[pid] = connection
        return pid

    def let_end(self, pid: int) -> None:
        """Let one end that does so slowly and has been asked to."""
        connection = self._connections[pid]
        assert connection.recv(6) == b"asked\n"
        connection.sendall(b"!")

    def none_waits(self) -> bool:
        """Whether each one that ran was asked for by `next`."""
        self._listener.setblocking(False)
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return True
        finally:
            self._listener.setblocking(True)
        return False


def _end(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.wait()


@pytest.fixture
def comebacks() -> Iterator[Comebacks]:
    with ExitStack() as stack:
        yield Comebacks(stack)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A file for programs to hold."""
    path = tmp_path / "held"
    path.write_text("x")
    return path


@pytest.fixture
def stubborn(held: Path, run_program: Callable[..., Program]) -> Program:
    """A program that holds the file and says "asked" instead of ending."""
    return run_program(STUBBORN, str(held))


def said_asked(program: Program) -> None:
    """Wait until a stubborn program was asked to end."""
    assert program.process.stdout is not None
    assert program.process.stdout.readline() == "asked\n"
