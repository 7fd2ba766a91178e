# SPDX-License-Identifier: MIT
"""The tests, run by a CPython for Windows under Wine against the wheel that is for Windows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from dlls import NAME, build_dll, run_c_tests, use, use_wines
from imports import check_imports
from natives import PROJECT, build_environment, native_python
from pythons import WindowsPython, windows_python
from results import read_results
from sites import packages, python_environment, unpack_wheel
from wheels import build_wheel
from wine import Prefix, windows_path

SMOKE = PROJECT / "tools/smoke.py"


def fetch(versions: Sequence[str], work: Path) -> None:
    """Get ready, all at once, what is mostly waited for: Pythons, what builds, what the tests import, a prefix."""
    tasks: list[Callable[[], object]] = [Prefix(work).make, partial(packages, versions[-1], work)]
    for version in versions:
        tasks += [partial(windows_python, version, work), partial(build_environment, version, work)]
    with ThreadPoolExecutor(len(tasks)) as pool:
        for _done in pool.map(lambda task: task(), tasks):
            pass


def prepare(version: str, work: Path) -> WindowsPython:
    """Build the wheel of a version, look what it is linked to, and unpack it."""
    python = windows_python(version, work)
    wheel = build_wheel(python, work)
    unpack_wheel(version, wheel, work)
    check_imports(python, wheel)
    return python


def environment(python: WindowsPython, work: Path) -> dict[str, str]:
    return python_environment(work, work / "rmcy" / python.version, work / "packages" / python.version)


def check_missing(python: WindowsPython, prefix: Prefix, work: Path) -> None:
    """Where there is only Wine's Restart Manager, rmcy is not to be had: else the tests would be of nothing."""
    use_wines(prefix)
    status, output = prefix.ask(python.program, "-c", "import rmcy", environment=environment(python, work))
    if not status or "ImportError: DLL load failed" not in output:
        sys.exit(f"rmcy was imported without a {NAME} of ours (status {status}): {output}")
    print(f"without our {NAME}: {output.strip().splitlines()[-1]}")


def check_smoke(python: WindowsPython, prefix: Prefix, work: Path) -> None:
    status = prefix.run(python.program, windows_path(SMOKE), environment=environment(python, work))
    if status:
        sys.exit(f"the wheel for CPython {python.version} does not work under Wine (status {status})")


def run_pytest(python: WindowsPython, prefix: Prefix, work: Path, arguments: Sequence[str]) -> int:
    """Run pytest once, in one process, and say what came of it."""
    document = work / "results.xml"
    document.unlink(missing_ok=True)
    options = ("-p", "no:cacheprovider", f"--junit-xml={windows_path(document)}")
    status = prefix.run(
        python.program, "-m", "pytest", *options, *arguments, environment=environment(python, work), cwd=PROJECT
    )
    if not document.exists():
        print(f"pytest ended with status {status} and without results", file=sys.stderr)
        return status or 1
    results = read_results(document)
    print(f"under Wine: {results}")
    return status or int(not results.good)


def buildable(versions: Sequence[str]) -> list[str]:
    """The versions for which this machine has a CPython of its own; with CI=true that is all of them."""
    found = [version for version in versions if native_python(version)]
    if missing := ", ".join(version for version in versions if version not in found):
        print(f"left out: no CPython {missing} of this machine was found, on the PATH or at pyenv's", file=sys.stderr)
        if os.environ.get("CI") == "true":
            sys.exit("with CI=true nothing is left out")
    return found or sys.exit("without one no wheel can be built")


def run_suite(versions: Sequence[str], work: Path, arguments: Sequence[str]) -> int:
    """Build everything, show that it loads for each version, and run the tests on the last one."""
    versions = buildable(versions)
    fetch(versions, work)
    pythons = [prepare(version, work) for version in versions]
    last = pythons[-1]
    library = build_dll(last, work)
    with Prefix(work) as prefix:
        check_missing(last, prefix, work)
        use(prefix, library)
        run_c_tests(last, prefix, work)
        for python in pythons:
            check_smoke(python, prefix, work)
        return run_pytest(last, prefix, work, arguments)
