# SPDX-License-Identifier: MIT
"""Measuring rmcy beside others: contests in rounds, typed results, and a small measurement of what is installed.

`measure` holds a few contests between rmcy and ctypes, over the library that
rmcy uses. A harness holds its own with `hold`, and keeps what came of them in
a `Report`, which is a JSON document of the schema rmcy.bench/1 too.

Ratios are made inside a round, whose contenders saw the same machine; what is
reported is their median over the rounds, with the spread. What a contender
does is compared with the truth before it is timed. (All of it ours.)

It needs the standard library alone, and `import rmcy` does not import it.
"""

from rmcy.bench.contest import Contender, Turns, Way, Work, hold
from rmcy.bench.installed import measure
from rmcy.bench.place import Interpreter, Machine, Package
from rmcy.bench.report import Report
from rmcy.bench.result import Absent, Entrant, Measure, Result, Round, Spread

__all__ = [
    "Absent",
    "Contender",
    "Entrant",
    "Interpreter",
    "Machine",
    "Measure",
    "Package",
    "Report",
    "Result",
    "Round",
    "Spread",
    "Turns",
    "Way",
    "Work",
    "hold",
    "measure",
]
