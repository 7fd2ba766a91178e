# SPDX-License-Identifier: MIT
"""The probe for Windows as a module, and the reports that people have sent."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parent
PROBE = PROJECT / "tools/windows_probe.py"
CHOICES = HERE / "ours.toml"
REPORTS = HERE / "probe_reports"


@functools.cache
def load_probe() -> ModuleType:
    """Import tools/windows_probe.py, which is no part of any package."""
    spec = importlib.util.spec_from_file_location(PROBE.stem, PROBE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PROBE.stem] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Choice:
    """One of ours, of tests/ours.toml."""

    id: str
    ours: object
    says: str
    where: str
    unshown: str = ""

    @property
    def question(self) -> str:
        return self.id.partition(".")[0]

    @property
    def value(self) -> str:
        return self.id.split(".")[1]

    def answered(self, report: Mapping[str, Any]) -> object:
        """What a report has instead of it; UNANSWERED if nothing."""
        values = (entry["values"] for entry in report["questions"] if entry["id"] == self.question)
        found: object = next(values, {})
        for name in self.id.split(".")[1:]:
            if not isinstance(found, dict):
                break  # "access violation", where a table is expected
            if name not in found:
                return UNANSWERED
            found = found[name]
        return found


UNANSWERED = object()
# The second is what programs of 32 bits are given.
SYSTEMS_OWN = {rf"%systemroot%\{folder}\rstrtmgr.dll" for folder in ("system32", "syswow64")}


def choices() -> list[Choice]:
    return [Choice(**choice) for choice in _tables("choice")]


def shown_choices() -> list[Choice]:
    """Those for which our own library is asked in the tests."""
    return [choice for choice in choices() if not choice.unshown]


def asides() -> dict[str, str]:
    """Files with choices of ours about which Windows is not asked, and why."""
    return {aside["where"]: aside["why"] for aside in _tables("aside")}


def _tables(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(CHOICES.read_text(encoding="utf-8"))[name]
    return found


def reports(folder: Path = REPORTS) -> dict[Path, Any]:
    return {path: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def is_of_windows(report: Mapping[str, Any]) -> bool:
    """Whether Windows' own Restart Manager answered, and not one under Wine, or a stand-in for it."""
    library = report["library"]
    in_its_place = str(library["path"]).lower() in SYSTEMS_OWN
    return report["windows"]["wine"] is None and in_its_place and library["CompanyName"] == "Microsoft Corporation"


def differences(report: Mapping[str, Any]) -> list[str]:
    """A sentence for each choice of ours that a report answers otherwise."""
    return [
        f"{choice.says} {choice.id} is {answer!r} there, and ours is {choice.ours!r}: "
        f"revise {choice.where}, its tests, and tests/ours.toml."
        for choice in choices()
        if (answer := choice.answered(report)) is not UNANSWERED
        and (answer, type(answer)) != (choice.ours, type(choice.ours))  # for 1 == True
    ]


def disagreements(folder: Path = REPORTS) -> list[str]:
    """Where the reports in a folder that are of Windows differ from choices of ours."""
    return [
        f"{path.name}: {sentence}"
        for path, report in reports(folder).items()
        if is_of_windows(report)
        for sentence in differences(report)
    ]
