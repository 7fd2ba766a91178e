# SPDX-License-Identifier: MIT
"""A CPython of this machine, of the minor version that a wheel is for: it runs the build, and names the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def candidates(version: str) -> Iterator[Path]:
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(versions.glob(f"{version}.*/bin/python{version}"))


def works(program: Path, version: str) -> bool:
    """Whether it runs and is of that version: pyenv puts programs on the PATH that only say which are missing."""
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(program), "-I", "-c", code], check=False, capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == version


def native_python(version: str) -> Path | None:
    """The program of a CPython of this machine, or None where there is none of that version."""
    return next((program for program in candidates(version) if works(program, version)), None)


def requirements(group: str) -> list[str]:
    """A dependency group of pyproject.toml."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        return [str(line) for line in tomllib.load(file)["dependency-groups"][group]]


def build_environment(version: str, work: Path) -> Path:
    """The programs' folder of a virtual environment with what the build needs; made if it is not there yet."""
    folder = work / "native" / version
    programs = folder / "bin"
    wanted = requirements("build")
    finished = folder / "finished"
    if finished.exists() and finished.read_text() == "\n".join(wanted):
        return programs
    native = native_python(version)
    if native is None:
        sys.exit(f"no CPython {version} of this machine was found, on the PATH or at pyenv's: install one")
    subprocess.run([str(native), "-m", "venv", "--clear", str(folder)], check=True)
    install = (str(programs / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check")
    subprocess.run([*install, *wanted], check=True)
    finished.write_text("\n".join(wanted))
    return programs
