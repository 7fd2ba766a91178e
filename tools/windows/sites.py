# SPDX-License-Identifier: MIT
"""What the CPython for Windows imports: packages that pip unpacks here, for there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from natives import requirements
from wine import windows_path


def install(version: str, folder: Path, *what: str) -> Path:
    """Let pip unpack packages for a CPython for Windows into a folder; it never runs anything of them."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    target = ("--platform", "win_amd64", "--python-version", version, "--implementation", "cp")
    command = (sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--only-binary=:all:", *target)
    subprocess.run([*command, "--target", str(unfinished), *what], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    return unfinished.rename(folder)


def packages(version: str, work: Path) -> Path:
    """What the tests import besides rmcy: groups of pyproject.toml, unpacked if they are not there yet."""
    folder = work / "packages" / version
    wanted = requirements("windows")
    if tuple(map(int, version.split("."))) >= (3, 12):
        wanted += requirements("windows-client")
    finished = folder / "finished"
    if not finished.exists() or finished.read_text() != "\n".join(wanted):
        install(version, folder, *wanted)
        finished.write_text("\n".join(wanted))
    return folder


def unpack_wheel(version: str, wheel: Path, work: Path) -> Path:
    return install(version, work / "rmcy" / version, "--no-deps", str(wheel))


def python_environment(work: Path, *folders: Path) -> dict[str, str]:
    """What makes the CPython for Windows import from these folders, and from nowhere in the repository."""
    return {
        "PYTHONPATH": ";".join(str(windows_path(folder)) for folder in folders),
        "PYTHONPYCACHEPREFIX": str(windows_path(work / "pycache")),
        "PYTHONSAFEPATH": "1",
    }
