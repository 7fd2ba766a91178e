# SPDX-License-Identifier: MIT
"""A harness that holds a contest of its own, and reads what came of it."""

import json
from datetime import datetime
from typing import assert_type

from rmcy import bench
from rmcy.bench.schema import ReportDict, ResultDict


class Sorting:
    """A contender needs no base class."""

    name = "sorting"

    def open(self) -> bench.Work:
        numbers = [3, 1, 2]
        return numbers.sort

    def close(self) -> None: ...

    def check(self) -> str | None:
        return None


contender: bench.Contender = Sorting()
other = bench.Way("sorted", lambda: lambda: sorted([3, 1, 2]), lambda: None)
result = bench.hold("sort", [contender, other], library="none", size=3, calls=100, rounds=5)
assert_type(result, bench.Result)
assert_type(result.subject, bench.Entrant)
assert_type(result.entrants, tuple[bench.Entrant, ...])
assert_type(result.absent, tuple[bench.Absent, ...])
assert_type(result.rounds[0].ns, dict[str, int])
assert_type(result.ratio("sorted"), bench.Spread)
assert_type(result.per_call("sorted").median, float)

report = bench.Report.of([result, *bench.measure(rounds=3).contests], [bench.Measure("size", 1, 2.5, "MB")], ["numpy"])
assert_type(report, bench.Report)
assert_type(report.created, datetime)
assert_type(report.machine.load, tuple[float, ...])
assert_type(report.python.gil, bool)
assert_type(report.packages[0].version, str | None)
document = report.to_dict()
assert_type(document, ReportDict)
assert_type(document["contests"], list[ResultDict])
assert_type(bench.Report.from_dict(document), bench.Report)
text: str = json.dumps(document)
