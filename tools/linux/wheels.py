# SPDX-License-Identifier: MIT
"""Wheels for manylinux_2_28, built on a Linux that may be newer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.linux.zig import ARCHITECTURES, GLIBC, native_setup
from tools.windows.natives import PROJECT, build_environment

PLATFORM = f"manylinux_{GLIBC.replace('.', '_')}_x86_64"


def with_programs(folder: Path) -> dict[str, str]:
    """The environment with the programs of a virtual environment, and no flags for this machine's compiler."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CC", "CFLAGS", "LDFLAGS")}
    return environment | {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


def compile_wheel(version: str, work: Path) -> Path:
    """Build the wheel with Zig; it is named after this machine's C library, as nobody has looked yet."""
    programs = build_environment(version, work)
    unnamed = work / "unnamed" / version
    shutil.rmtree(unnamed, ignore_errors=True)
    setup = ("--werror", *native_setup(ARCHITECTURES["x86_64"], work / "machine"))
    settings = [f"-Csetup-args={option}" for option in setup]
    command = [str(programs / "python"), "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps"]
    subprocess.run(
        [*command, *settings, f"-Cbuild-dir={work / 'build' / version}", "--wheel-dir", str(unnamed), str(PROJECT)],
        check=True,
        env=with_programs(programs),
    )
    (wheel,) = unnamed.glob("rmcy-*.whl")
    return wheel


def name_wheel(unnamed: Path, dist: Path) -> Path:
    """Let auditwheel look at every symbol, and name the wheel after the oldest systems that it is for."""
    dist.mkdir(parents=True, exist_ok=True)
    tag = unnamed.name.split("-")[2]
    for older in dist.glob(f"rmcy-*-{tag}-*manylinux*.whl"):
        older.unlink()
    command = [sys.executable, "-m", "auditwheel", "repair", "--plat", PLATFORM, "--wheel-dir", str(dist)]
    subprocess.run([*command, str(unnamed)], check=True, env=with_programs(Path(sys.executable).parent))
    (wheel,) = dist.glob(f"rmcy-*-{tag}-*manylinux*.whl")
    # auditwheel renames libraries that it takes for somebody else's: ours must still be the one beside the modules.
    subprocess.run([sys.executable, str(PROJECT / "tools/wheel_files.py"), str(wheel)], check=True)
    return wheel


def try_wheel(version: str, wheel: Path, work: Path) -> None:
    """Unpack the wheel and ask it the first questions."""
    python = build_environment(version, work) / "python"
    folder = work / "installed" / version
    shutil.rmtree(folder, ignore_errors=True)
    install = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    subprocess.run([python, *install], check=True)
    environment = os.environ | {"PYTHONPATH": str(folder)}
    subprocess.run([python, "-P", str(PROJECT / "tools/smoke.py")], check=True, env=environment)


def build_wheel(version: str, work: Path) -> Path:
    """A wheel that auditwheel agrees with and that works here, in the work folder's dist."""
    wheel = name_wheel(compile_wheel(version, work), work / "dist")
    subprocess.run([sys.executable, "-m", "auditwheel", "show", str(wheel)], check=True)
    try_wheel(version, wheel, work)
    return wheel
