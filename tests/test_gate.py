# SPDX-License-Identifier: MIT
"""What the regression gate makes of counts, and that it has a figure for each of its cases."""

from __future__ import annotations

import json
from pathlib import Path

import counting
import gate
import pytest

pytestmark = pytest.mark.linux("valgrind and strace count on Linux")

HERE = Path(__file__).parent.parent / "benchmarks/gate"

CALLGRIND = """\
events: Ir

ob=/lib/ours.so
fl=scan.c
fn=pass
10 100
+2 20
cob=/lib/libc.so
cfn=memcpy
calls=3 0
11 9000
* 7

ob=/lib/libc.so
fn=memcpy
0 9000
totals: 9127
"""

STRACE = """\
    calls syscall
--------- ----------------
      102 statx
        9 openat
       14 mmap
--------- ----------------
      125 total
"""


def test_instructions_are_those_of_the_object_itself() -> None:
    assert counting.of_callgrind(CALLGRIND) == {"/lib/ours.so": 127, "/lib/libc.so": 9000}


def test_system_calls_are_counted_by_name_without_the_allocators() -> None:
    assert counting.of_strace(STRACE) == {"statx": 102, "openat": 9}


@pytest.mark.parametrize(
    ("unit", "now", "kept"),
    [
        ("system calls", 1000.0, True),
        ("system calls", 1001.0, True),
        ("system calls", 1002.0, False),
        ("system calls", 998.0, False),
        ("instructions", 1049.0, True),
        ("instructions", 1051.0, False),
        ("instructions", 949.0, False),
    ],
)
def test_a_figure_that_is_not_kept_ends_the_gate(
    unit: str, now: float, kept: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    case = gate.Case("a case", unit, lambda times: {})
    assert gate.compare(case, {"total": 1000.0, "statx": 1000.0}, {"total": now, "statx": now}, alike=True) is kept
    assert ("BAD" in capsys.readouterr().out) is not kept


def test_a_case_without_a_figure_ends_the_gate(capsys: pytest.CaptureFixture[str]) -> None:
    assert not gate.compare(gate.Case("a case", "system calls", lambda times: {}), None, {"total": 1.0}, alike=True)
    assert "NEW" in capsys.readouterr().out


def test_instructions_of_another_compiler_are_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    case = gate.Case("a case", "instructions", lambda times: {})
    assert gate.compare(case, {"total": 1.0}, {"total": 1000.0}, alike=False)
    assert "not compared" in capsys.readouterr().out


def test_what_a_case_takes_is_what_more_times_take_in_addition() -> None:
    case = gate.Case("a case", "system calls", lambda times: {"open": 7, "statx": 50 + 3 * times})
    assert case.measure() == {"total": 3.0, "statx": 3.0}


def test_each_case_has_a_figure() -> None:
    figures = json.loads((HERE / "figures.json").read_text(encoding="utf-8"))
    assert {case.name for case in gate.cases("scan")} <= set(figures["cases"])
