# SPDX-License-Identifier: MIT
"""What is built for Windows on Linux, and run there under Wine.

python tools/windows wheel 3.13         build a wheel for each version named, or for all
python tools/windows tests -k session   build what the tests need and run them, with arguments for pytest
python tools/windows pytest -k session  the tests again, on what was built for them
python tools/windows python -c CODE     the CPython for Windows with that wheel, under Wine
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from natives import PROJECT
from pythons import windows_python
from suite import environment, prepare, run_pytest, run_suite
from wheels import built_wheel
from wine import Prefix

VERSIONS = ("3.11", "3.12", "3.13")


def wheel(work: Path, arguments: Sequence[str]) -> int:
    for version in arguments or VERSIONS:
        print(built_wheel(prepare(version, work), work))
    return 0


def tests(work: Path, arguments: Sequence[str]) -> int:
    return run_suite(VERSIONS, work, arguments)


def pytest(work: Path, arguments: Sequence[str]) -> int:
    with Prefix(work) as prefix:
        return run_pytest(windows_python(VERSIONS[-1], work), prefix, work, arguments)


def python(work: Path, arguments: Sequence[str]) -> int:
    windows = windows_python(VERSIONS[-1], work)
    with Prefix(work) as prefix:
        return prefix.run(windows.program, *arguments, environment=environment(windows, work))


COMMANDS: dict[str, Callable[[Path, Sequence[str]], int]] = {
    "wheel": wheel,
    "tests": tests,
    "pytest": pytest,
    "python": python,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python tools/windows", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=PROJECT / "build-windows", help="the folder where all goes")
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
