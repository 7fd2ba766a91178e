# SPDX-License-Identifier: MIT
"""What a run found: the document (schema rmcy.bench/1) and the table."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from contest import Contest

if TYPE_CHECKING:
    # Not when it runs: rmcy must find the library of stand_in.py loaded.
    from rmcy.records import BackendInfo

SCHEMA = "rmcy.bench/1"


@dataclass(frozen=True)
class Measure:
    """A number that is no time."""

    name: str
    size: int
    value: float
    unit: str


def document(contests: Iterable[Contest], measures: Iterable[Measure], info: BackendInfo) -> dict[str, object]:
    """Everything: the raw samples in their order, and where they were taken."""
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "rmcy": _version("rmcy"),
            "backend": info.version,
            "python": platform.python_version(),
            "numpy": _version("numpy"),
            "psutil": _version("psutil"),
            "pytest-benchmark": _version("pytest-benchmark"),
        },
        "backend": info.backend,
        "scanner": info.scanner,
        "python": {
            "implementation": platform.python_implementation(),
            "compiler": platform.python_compiler(),
            # With which optimisations it was built: the interpreter is part of what is measured.
            "configured": str(sysconfig.get_config_var("CONFIG_ARGS")),
            "flags": str(sysconfig.get_config_var("PY_CORE_CFLAGS")),
            "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
        },
        "machine": {
            "system": platform.system(),
            "release": platform.release(),
            "architecture": platform.machine(),
            "processor": _processor(),
            "processors": os.cpu_count(),
            "load": list(os.getloadavg()),
        },
        "contests": [_contest(contest) for contest in contests],
        "measures": [asdict(measure) for measure in measures],
    }


def _contest(contest: Contest) -> dict[str, object]:
    names = contest.names()
    return {
        "name": contest.name,
        "library": contest.library,
        "processes": contest.processes,
        "size": contest.size,
        "calls": contest.calls,
        "subject": names[0],
        "units": dict(contest.units),
        "wrong": contest.wrong,
        "ns_per_call": {name: contest.per_call(name) for name in names},
        "ratios": {name: contest.ratio(name) for name in names[1:]},
        "rounds": [{"order": one.order, "ns": one.ns} for one in contest.rounds],
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def table(contests: Iterable[Contest]) -> Iterator[str]:
    """One block for each contest: time of a call, and how many times as long as the first contender it took."""
    for contest in contests:
        rounds = "1 round" if len(contest.rounds) == 1 else f"{len(contest.rounds)} rounds"
        held = f", {contest.processes:,} processes" if contest.processes else ""
        yield f"{contest.name}, {contest.size:,} at a time, over the {contest.library} library{held}, {rounds}"
        yield f"  {'':<32}{'median':>12}{'least':>12}   times as long (quartiles)"
        for name in contest.names():
            taken = contest.per_call(name)
            line = f"  {name:<32}{_time(taken['median']):>12}{_time(taken['min']):>12}"
            if name != contest.names()[0]:
                ratio = contest.ratio(name)
                spread = f"({ratio['lower_quartile']:.2f} to {ratio['upper_quartile']:.2f})"
                line += f"   {ratio['median']:8.2f}  {spread}"
            if name in contest.wrong:
                line += f"   WRONG: {contest.wrong[name]}"
            yield line
        yield ""


def measured(measures: Iterable[Measure]) -> Iterator[str]:
    for measure in measures:
        yield f"{measure.name}, {measure.size:,} at a time: {measure.value:,.1f} {measure.unit}"


def _time(ns: float) -> str:
    for limit, unit in ((1e3, "ns"), (1e6, "µs"), (1e9, "ms")):
        if ns < limit:
            return f"{ns / (limit / 1e3):.1f} {unit}"
    return f"{ns / 1e9:.2f} s"
