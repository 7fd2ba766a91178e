# SPDX-License-Identifier: MIT
"""What is built for Windows on Linux, and run there under Wine: `python tools/windows --help`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from natives import PROJECT
from pythons import windows_python
from wheels import build_wheel

VERSIONS = ("3.11", "3.12", "3.13")


def wheel(arguments: argparse.Namespace) -> int:
    for version in arguments.python:
        print(build_wheel(windows_python(version, arguments.work), arguments.work))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python tools/windows", description=__doc__)
    parser.add_argument(
        "--work", type=lambda text: Path(text).resolve(), default=PROJECT / "build-windows", help="where all goes"
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("wheel", help="build a wheel for each of these versions")
    command.add_argument("python", nargs="*", default=VERSIONS, metavar="VERSION")
    command.set_defaults(run=wheel)
    return parser


def main() -> int:
    arguments = parser().parse_args()
    try:
        result: int = arguments.run(arguments)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print(f"failed with status {error.returncode}: {command}", file=sys.stderr)
        return 1
    return result


if __name__ == "__main__":
    sys.exit(main())
