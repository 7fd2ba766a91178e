# SPDX-License-Identifier: MIT
"""The same tests on Linux and on Windows: what runs on one of them only says so by a marker, with its reason.

`linux(reason)` is for what Windows cannot do or does not have, `windows(reason)` for the contrary. On Linux the tests
for Windows are deselected, since a skip counts as a failure there; on Windows those for Linux are skipped, and counted
by reason at the end. Nothing else may be skipped on either.
"""

from __future__ import annotations

import ast
import os
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

ON_WINDOWS = os.name == "nt"
# How the reasons of such skips begin.
LINUX_ONLY = "Linux only: "


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "linux(reason): not on Windows, for that reason")
    config.addinivalue_line("markers", "windows(reason): not on Linux, for that reason")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ON_WINDOWS:
        for item in items:
            marker = item.get_closest_marker("linux")
            if marker:
                item.add_marker(pytest.mark.skip(reason=LINUX_ONLY + _reason(marker)))
        return
    elsewhere = [item for item in items if item.get_closest_marker("windows")]
    if elsewhere:
        items[:] = [item for item in items if item not in set(elsewhere)]
        config.hook.pytest_deselected(items=elsewhere)


def for_linux(table: Iterable[object], only: Container[object], reason: str) -> list[ParameterSet]:
    """The names of a table, as parameters of a test, some of them for Linux only."""
    marks = pytest.mark.linux(reason)
    return [pytest.param(name, marks=marks if name in only else ()) for name in table]


def _reason(marker: pytest.Mark) -> str:
    (reason,) = marker.args
    assert isinstance(reason, str)
    return reason


class LinuxModule(pytest.Module):
    """A module for Linux only, which Windows may not even be able to import."""

    reason: str

    def collect(self) -> list[pytest.Item]:
        pytest.skip(LINUX_ONLY + self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    reason = _reason_in(module_path) if ON_WINDOWS else None
    if reason is None:
        return None
    module = LinuxModule.from_parent(parent, path=module_path)
    module.reason = reason
    return module


def _reason_in(path: Path) -> str | None:
    """What a module says in `pytestmark = pytest.mark.linux("...")`, read without executing it."""
    for statement in ast.parse(path.read_bytes()).body:
        match statement:
            case ast.Assign(
                targets=[ast.Name("pytestmark")],
                value=ast.Call(func=ast.Attribute(attr="linux"), args=[ast.Constant(str(reason))]),
            ):
                return reason
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests, and which modules, are for the other system, by reason."""
    if not ON_WINDOWS:
        return
    reasons: Counter[str] = Counter()
    modules: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ").removeprefix(LINUX_ONLY)
        if isinstance(report, pytest.CollectReport):
            modules.setdefault(reason, []).append(Path(report.nodeid).name)
        else:
            reasons[reason] += 1
    terminalreporter.section("for Linux only")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5} tests: {reason}")
    for reason, names in sorted(modules.items()):
        terminalreporter.write_line(f"{len(names):5} modules: {reason}: {', '.join(sorted(names))}")
