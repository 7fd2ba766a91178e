# SPDX-License-Identifier: MIT
"""The JSON document rmcy.bench/1, as TypedDicts. Within the version it only gains fields."""

from __future__ import annotations

from typing import Final, Literal, TypedDict

__all__ = [
    "BENCH_SCHEMA",
    "InterpreterDict",
    "MachineDict",
    "MeasureDict",
    "ReportDict",
    "ResultDict",
    "RoundDict",
    "SpreadDict",
]

BENCH_SCHEMA: Final = "rmcy.bench/1"


class SpreadDict(TypedDict):
    median: float
    lower_quartile: float
    upper_quartile: float
    min: float
    max: float


class RoundDict(TypedDict):
    order: list[str]
    ns: dict[str, int]


class ResultDict(TypedDict):
    """`contenders` in their order; `ns_per_call` and `ratios` are made of the rounds, and not read."""

    name: str
    library: str
    processes: int | None
    size: int
    calls: int
    subject: str
    contenders: list[str]
    units: dict[str, int]
    wrong: dict[str, str]
    absent: dict[str, str]
    ns_per_call: dict[str, SpreadDict]
    ratios: dict[str, SpreadDict]
    rounds: list[RoundDict]


class MeasureDict(TypedDict):
    name: str
    size: int
    value: float
    unit: str


class InterpreterDict(TypedDict):
    implementation: str
    compiler: str
    configured: str
    flags: str
    gil: bool


class MachineDict(TypedDict):
    system: str
    release: str
    architecture: str
    processor: str
    processors: int
    load: list[float]


class ReportDict(TypedDict):
    schema: Literal["rmcy.bench/1"]
    created: str
    versions: dict[str, str | None]
    backend: str
    scanner: str
    python: InterpreterDict
    machine: MachineDict
    contests: list[ResultDict]
    measures: list[MeasureDict]
