# SPDX-License-Identifier: MIT
"""What is built on Linux for others than this machine.

python -m tools.linux wheels 3.13       wheels for manylinux_2_28, for each version named, or for all
python -m tools.linux sdist             the source distribution, and a wheel from it
python -m tools.linux compile aarch64   compile for other architectures, and run C tests there under QEMU
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.linux.architectures import check
from tools.linux.sdist import build_sdist
from tools.linux.wheels import build_wheel
from tools.linux.zig import ARCHITECTURES
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


COMMANDS: dict[str, Callable[[Path, Sequence[str]], int]] = {
    "wheels": wheels,
    "sdist": sdist,
    "compile": compile_for,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.linux", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=PROJECT / "build-linux", help="the folder where all goes")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        return COMMANDS[options.command](options.work.resolve(), options.arguments)
    except subprocess.CalledProcessError as error:
        print(f"failed with status {error.returncode}: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
