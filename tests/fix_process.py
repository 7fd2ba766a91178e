# SPDX-License-Identifier: MIT
"""A process, as a test sees it on either system: which Python it is given, whether it lives, what it runs."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import rmcy

ON_WINDOWS = os.name == "nt"

# In a virtual environment of Windows python.exe starts another program and waits for it: the pid that Popen tells would
# not be that of the program which holds a file. This is the other program, and what it has to be told.
PYTHON: str = getattr(sys, "_base_executable", sys.executable) if ON_WINDOWS else sys.executable
_FOR_PYTHON = {"__PYVENV_LAUNCHER__": sys.executable} if sys.executable != PYTHON else {}

# How a program ends that was asked to, and does nothing about it: by SIGTERM, or on Windows by Ctrl-C (under Wine, 0).
ENDED_WHEN_ASKED = (0xC000_013A, 0) if ON_WINDOWS else (-signal.SIGTERM,)


def was_killed(status: int) -> bool:
    """Whether a program was ended without being asked, by its exit status, which on Windows whoever ends it chooses."""
    return status not in ENDED_WHEN_ASKED if ON_WINDOWS else status == -9


# For a stop that is to wait for ever, and for one that is not to wait long: Windows cannot be told.
PATIENT: dict[str, float] = {} if ON_WINDOWS else {"app_timeout": float("inf")}
IMPATIENT: dict[str, float] = {} if ON_WINDOWS else {"app_timeout": 0.2}
# Whose programs the tests start; Windows tells nobody's.
OWN_UID = None if ON_WINDOWS else os.geteuid()

# Windows keeps to itself what was registered: which names are missing is told of one's own.
tells_what_others_registered = not ON_WINDOWS


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


def tells_uses(app: rmcy.AffectedApp, *paths: str) -> bool:
    """Whether it is told to use these files, and no others; Windows tells who, and says nothing of files."""
    if ON_WINDOWS:
        return app.uses is None
    return app.uses is not None and [use.path for use in app.uses] == list(paths)


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
