# SPDX-License-Identifier: MIT
"""A process, as a test sees it on either system: which Python it is given, whether it lives, what it runs."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

ON_WINDOWS = os.name == "nt"

# In a virtual environment of Windows python.exe starts another program and waits for it: the pid that Popen tells would
# not be that of the program which holds a file. This is the other program, and what it has to be told.
PYTHON: str = getattr(sys, "_base_executable", sys.executable) if ON_WINDOWS else sys.executable
_FOR_PYTHON = {"__PYVENV_LAUNCHER__": sys.executable} if sys.executable != PYTHON else {}


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a PYTHON that finds what this one finds."""
    return {**(os.environ if base is None else base), **_FOR_PYTHON}


def lives(pid: int) -> bool:
    """Whether it runs: a zombie does not."""
    if ON_WINDOWS:
        return _lives_on_windows(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def executable(pid: int) -> str:
    """The program that a child of ours runs."""
    return PYTHON if ON_WINDOWS else os.readlink(f"/proc/{pid}/exe")


SYNCHRONIZE, WAIT_TIMEOUT = 0x0010_0000, 0x102


def _lives_on_windows(pid: int) -> bool:
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.OpenProcess(SYNCHRONIZE, False, pid))
    if not process:
        return False
    try:
        return bool(kernel.WaitForSingleObject(process, 0) == WAIT_TIMEOUT)
    finally:
        kernel.CloseHandle(process)
