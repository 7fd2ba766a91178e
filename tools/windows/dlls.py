# SPDX-License-Identifier: MIT
"""The rstrtmgr.dll of the tests, which does the job where Wine's own does nothing, and the tests in C."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from natives import PROJECT, build_environment
from pythons import WindowsPython
from wheels import cross_environment, cross_setup
from wine import Prefix

NAME = "rstrtmgr.dll"


def build_dll(python: WindowsPython, work: Path) -> Path:
    """Build it; the folder is Meson's, and has the tests in C as well."""
    programs = build_environment(python.version, work)
    environment = cross_environment(programs)
    build = work / "build" / "dll"
    options = ["--werror", "-Dtest_dll=true", "-Dbuildtype=debugoptimized", "-Db_lundef=false", *cross_setup(python)]
    configured = ["--reconfigure"] if (build / "build.ninja").exists() else []
    setup = [str(programs / "meson"), "setup", *configured, *options, str(build), str(PROJECT)]
    subprocess.run(setup, check=True, env=environment)
    library = Path("rmcy", "engine", "win32", NAME)
    subprocess.run([str(programs / "ninja"), "-C", str(build), str(library)], check=True, env=environment)
    return build / library


def run_c_tests(python: WindowsPython, prefix: Prefix, work: Path) -> None:
    """Run the tests in C, in a prefix that has the library."""
    programs = build_environment(python.version, work)
    environment = prefix.environment() | cross_environment(programs)
    command = [str(programs / "meson"), "test", "-C", str(work / "build" / "dll"), "--print-errorlogs"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=environment)


def use_wines(prefix: Prefix) -> None:
    """Put Wine's own library, which nothing may load, back where Windows has its."""
    own = prefix.folder / "rstrtmgr.wine"
    if not own.exists():
        shutil.copy(prefix.system / NAME, own)
    shutil.copy(own, prefix.system / NAME)


def use(prefix: Prefix, library: Path) -> None:
    """Put this library where Windows has its own."""
    use_wines(prefix)
    shutil.copy(library, prefix.system / NAME)
