# SPDX-License-Identifier: MIT
"""Everything that a run found: the raw samples in their order, and where they were taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import python_version
from typing import TYPE_CHECKING, Self

from rmcy.about import backend_info
from rmcy.bench.document import (
    interpreter_from_dict,
    interpreter_to_dict,
    machine_from_dict,
    machine_to_dict,
    measure_from_dict,
    measure_to_dict,
    result_from_dict,
    result_to_dict,
)
from rmcy.bench.place import Interpreter, Machine, Package
from rmcy.bench.result import Measure, Result
from rmcy.bench.schema import BENCH_SCHEMA
from rmcy.document import checked, reading

if TYPE_CHECKING:
    from rmcy.bench.schema import ReportDict

__all__ = ["Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Contests and measures, with what they were taken with and where.

    `packages`: rmcy, its backend, Python, and others that matter. `scanner`:
    how rmcy looked for users of files.
    """

    created: datetime
    packages: tuple[Package, ...]
    backend: str
    scanner: str
    python: Interpreter
    machine: Machine
    contests: tuple[Result, ...]
    measures: tuple[Measure, ...] = ()

    @classmethod
    def of(cls, contests: Iterable[Result], measures: Iterable[Measure] = (), packages: Iterable[str] = ()) -> Self:
        """Add here and now to what was found; `packages` are further ones whose version shall be noted."""
        info = backend_info()
        known = (Package.installed("rmcy"), Package("backend", info.version), Package("python", python_version()))
        return cls(
            created=datetime.now(UTC).replace(microsecond=0),
            packages=(*known, *map(Package.installed, packages)),
            backend=info.backend,
            scanner=info.scanner,
            python=Interpreter.here(),
            machine=Machine.here(),
            contests=tuple(contests),
            measures=tuple(measures),
        )

    @property
    def right(self) -> bool:
        """Whether the answer of the subject, whose advantage was asked for, was right in every contest."""
        return all(contest.subject.wrong is None for contest in self.contests)

    def to_dict(self) -> ReportDict:
        """Make the JSON document, schema rmcy.bench/1: the same that the command line prints."""
        return {
            "schema": BENCH_SCHEMA,
            "created": self.created.isoformat(),
            "versions": {package.name: package.version for package in self.packages},
            "backend": self.backend,
            "scanner": self.scanner,
            "python": interpreter_to_dict(self.python),
            "machine": machine_to_dict(self.machine),
            "contests": [result_to_dict(contest) for contest in self.contests],
            "measures": [measure_to_dict(measure) for measure in self.measures],
        }

    @classmethod
    def from_dict(cls, data: ReportDict) -> Self:
        """Read what `to_dict` made, in this version or a later one of the same schema.

        Raises ValueError for anything else.
        """
        with reading(data, BENCH_SCHEMA):
            return cls(
                created=datetime.fromisoformat(data["created"]),
                packages=tuple(
                    Package(name, None if version is None else checked(version, str))
                    for name, version in data["versions"].items()
                ),
                backend=checked(data["backend"], str),
                scanner=checked(data["scanner"], str),
                python=interpreter_from_dict(data["python"]),
                machine=machine_from_dict(data["machine"]),
                contests=tuple(result_from_dict(contest) for contest in checked(data["contests"], list)),
                measures=tuple(measure_from_dict(measure) for measure in checked(data["measures"], list)),
            )
