# SPDX-License-Identifier: MIT
"""The library that all contenders call: built from stand_in.c, loaded before rmcy, nothing or the engine behind it."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
LIBRARIES = ("null", "engine")


def _headers() -> Path:
    # rmcy cannot be asked: it must not be imported before the library is loaded.
    found = importlib.util.find_spec("rmcy")
    if found is None or found.origin is None:
        raise RuntimeError("rmcy is not installed: build and install the wheel first")
    return Path(found.origin).parent / "include"


def _build(source: str, directory: Path) -> Path:
    made = directory / "libstandin.so"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    flags = ["-std=gnu11", "-O3", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden"]
    files = [f"-I{_headers()}", str(HERE / source), "-o", str(made), "-ldl"]
    subprocess.run([*compiler, *flags, *files], check=True)
    return made


class Library:
    """A library made of stand_in.c. `library` is what a ctypes program would load."""

    def __init__(self, source: str, mode: int = ctypes.DEFAULT_MODE) -> None:
        with tempfile.TemporaryDirectory() as directory:
            # Nothing needs the file once it is loaded.
            self.library = ctypes.CDLL(str(_build(source, Path(directory))), mode=mode)
        self.library.stand_in_seen.restype = ctypes.c_long

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.library.stand_in_watch(1)
        try:
            yield
        finally:
            self.library.stand_in_watch(0)

    def seen(self) -> bytes:
        """What it was given while it was watched: texts with their terminators, then processes, then services."""
        bytes_at = ctypes.c_void_p()
        size = self.library.stand_in_seen(ctypes.byref(bytes_at))
        if size < 0:
            raise MemoryError("no memory for what the library was given")
        return ctypes.string_at(bytes_at, size) if size else b""

    def answer(self, rows: int) -> None:
        """Lists have so many rows from now on."""
        if self.library.stand_in_answer(rows):
            raise MemoryError(f"no memory for {rows} rows")


class StandIn(Library):
    """The one that all call, rmcy too, but for who cannot."""

    is_through = False

    def __init__(self) -> None:
        if "rmcy" in sys.modules:
            raise RuntimeError("rmcy is imported already, and bound to its own library")
        super().__init__("stand_in.c", ctypes.RTLD_GLOBAL)
        self.library.stand_in_find_engine.argtypes = [ctypes.c_char_p]
        import rmcy  # its modules bind to what is loaded by now

        path = rmcy.backend_info().library
        if path is None or self.library.stand_in_find_engine(os.fsencode(path)):
            raise RuntimeError(f"there is no engine to pass calls on to: {path}")

    @contextmanager
    def behind(self, name: str) -> Iterator[None]:
        """Nothing ("null") or the engine; a session must end where it began."""
        before = self.is_through
        self._pass_on(name == "engine")
        try:
            yield
        finally:
            self._pass_on(before)

    def _pass_on(self, through: bool) -> None:
        self.is_through = through
        self.library.stand_in_pass_on(int(through))


STAND_IN = StandIn()
