# SPDX-License-Identifier: MIT
"""A wheel for win_amd64, built on Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from natives import PROJECT, build_environment
from pythons import WindowsPython

CROSS_FILE = Path(__file__).with_name("mingw-w64.ini")


def cross_environment(programs: Path) -> dict[str, str]:
    """The environment of a build in which a native Python stands for the Windows one of its version."""
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "_PYTHON_HOST_PLATFORM": "win-amd64"}
    # Flags for this machine's compiler are not the other's.
    for name in ("CC", "CFLAGS", "LDFLAGS", "CPPFLAGS"):
        environment.pop(name, None)
    return environment


def cross_setup(python: WindowsPython) -> list[str]:
    """What `meson setup` is told, for a wheel and for what else is built for Windows."""
    return [f"--cross-file={CROSS_FILE}", f"-Dpython.build_config={python.build_details}"]


def build_wheel(python: WindowsPython, work: Path) -> Path:
    """Build the wheel into the work folder's dist; a build there goes on where the last one ended."""
    programs = build_environment(python.version, work)
    finished = work / "dist" / python.tag
    shutil.rmtree(finished, ignore_errors=True)
    finished.mkdir(parents=True)
    settings = [f"-Csetup-args={option}" for option in cross_setup(python)]
    command = [str(programs / "python"), "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps"]
    build = work / "build" / python.tag
    subprocess.run(
        [*command, *settings, f"-Cbuild-dir={build}", "--wheel-dir", str(finished), str(PROJECT)],
        check=True,
        env=cross_environment(programs),
    )
    wheel = built_wheel(python, work)
    subprocess.run([sys.executable, str(PROJECT / "tools/wheel_files.py"), str(wheel)], check=True)
    return wheel


def built_wheel(python: WindowsPython, work: Path) -> Path:
    """The wheel that was built last."""
    (wheel,) = (work / "dist" / python.tag).glob(f"rmcy-*-{python.tag}-{python.tag}-win_amd64.whl")
    return wheel
