# SPDX-License-Identifier: MIT
"""What is built for Windows on Linux, and run there under Wine.

python tools/windows wheel 3.13         build a wheel for each version named, or for all
python tools/windows tests -k session   build what the tests need and run them, with arguments for pytest
python tools/windows pytest -k session  the tests again, on what was built for them
python tools/windows python -c CODE     the CPython for Windows with that wheel, under Wine
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from commands import Command, run_command
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


COMMANDS: dict[str, Command] = {
    "wheel": wheel,
    "tests": tests,
    "pytest": pytest,
    "python": python,
}


if __name__ == "__main__":
    sys.exit(run_command("python tools/windows", __doc__, PROJECT / "build-windows", COMMANDS))
