# SPDX-License-Identifier: MIT
"""The sources, compiled for architectures that this machine is not, and run where an emulator is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.linux.wheels import with_programs
from tools.linux.zig import ARCHITECTURES, Architecture, cross_setup
from tools.windows.natives import PROJECT, build_environment

# The C tests of what has a layout: bytes in files, records, numbers out of /proc. QEMU shows little of a process as
# the program that it emulates, so those in which a process is looked at are left out.
EMULATED = (
    "answer", "entry", "filter", "key", "log", "maps", "pin", "plan", "procfs", "record", "resource", "text",
    "ticket", "unit", "verdict", "wish",
)  # fmt: skip


def compile_all(architecture: Architecture, version: str, work: Path) -> Path:
    """Compile the engine, its C tests and, for 64 bits, the extension modules; a warning is an error."""
    programs = build_environment(version, work)
    build = work / "build" / architecture.cpu_family
    shutil.rmtree(build, ignore_errors=True)
    options = ("-Drestart_manager=engine", "-Dengine_tests=true", "-Doptimization=1", "--werror")
    setup = (*options, *cross_setup(architecture, work / "machine"), str(build))
    environment = with_programs(programs)
    subprocess.run(["meson", "setup", *setup], check=True, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    # The modules are compiled with this machine's Python.h, which fits no 32 bits.
    targets = () if architecture.bits == 64 else ("rmcy/engine/rstrtmgr:shared_library", "engine_tests")
    subprocess.run(["meson", "compile", "-C", str(build), *targets], check=True, env=environment)
    return build


def check(name: str, version: str, work: Path) -> None:
    """Compile for the architecture, and run there what can be run."""
    architecture = ARCHITECTURES[name]
    build = compile_all(architecture, version, work)
    if architecture.runs():
        run = ("meson", "test", "-C", str(build), "--no-rebuild", "--print-errorlogs", *EMULATED)
        subprocess.run(run, check=True, env=with_programs(work / "native" / version / "bin"))
    elif os.environ.get("CI") == "true":
        raise SystemExit(
            f"{name}: nothing runs it (Debian: qemu-user-static and its libc6-cross): with CI=true nothing is left out"
        )
    else:
        print(f"{name}: compiled; nothing here runs it (Debian: qemu-user-static and its libc6-cross)")
