# SPDX-License-Identifier: MIT
"""What is built on Linux for others than this machine.

python -m tools.linux wheels 3.13       wheels for manylinux_2_28, for each version named, or for all
python -m tools.linux sdist             the source distribution, and a wheel from it
python -m tools.linux compile aarch64   compile for other architectures, and run C tests there under QEMU
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tools.linux.architectures import check
from tools.linux.sdist import build_sdist
from tools.linux.wheels import build_wheel
from tools.linux.zig import ARCHITECTURES
from tools.windows.commands import Command, run_command
from tools.windows.natives import PROJECT

VERSIONS = ("3.11", "3.12", "3.13")


def wheels(work: Path, arguments: Sequence[str]) -> int:
    for version in arguments or VERSIONS:
        print(build_wheel(version, work))
    return 0


def sdist(work: Path, arguments: Sequence[str]) -> int:
    print(build_sdist(work))
    return 0


def compile_for(work: Path, arguments: Sequence[str]) -> int:
    for name in arguments or (name for name in ARCHITECTURES if name != "x86_64"):
        check(name, VERSIONS[0], work)
    return 0


COMMANDS: dict[str, Command] = {
    "wheels": wheels,
    "sdist": sdist,
    "compile": compile_for,
}


if __name__ == "__main__":
    sys.exit(run_command("python -m tools.linux", __doc__, PROJECT / "build-linux", COMMANDS))
