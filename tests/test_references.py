# SPDX-License-Identifier: MIT
"""References are counted as often as they are held, although modules count in their own way on some Pythons."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import rmcy

from fix_program import Program

HOLDER = """
import sys
held = open(sys.argv[1])
print("ready", flush=True)
"""
ONE = sys.getrefcount(object()) + 1  # what is in one variable


def test_what_is_registered_is_held_during_the_call_only(session: rmcy.PrimarySession) -> None:
    path = f"/no/{session.key}"  # not one of the function's constants
    process = rmcy.UniqueProcess(2**32 - 1, 1)
    for _ in range(100):
        session.register([path] * 20, [process] * 20)
    assert sys.getrefcount(path) == sys.getrefcount(process) == ONE
    joined = rmcy.join(session.key)
    joined.close()
    assert sys.getrefcount(joined) == ONE


def test_what_is_given_back_is_held_by_who_has_it(held: Path, run_program: Callable[..., Program]) -> None:
    run_program(HOLDER, str(held))
    programs = rmcy.who(held)
    app = programs[0]
    assert sys.getrefcount(app) == ONE + 1, "the list has it, too"
    del programs
    assert sys.getrefcount(app) == ONE
    process, name = app.process, app.name
    assert sys.getrefcount(process) == ONE + 1
    del app
    assert sys.getrefcount(process) == sys.getrefcount(name) == ONE


def test_nothing_is_counted_once_too_often(
    session: rmcy.PrimarySession, held: Path, run_program: Callable[..., Program]
) -> None:
    run_program(HOLDER, str(held))
    session.register(held)
    lasting = (None, True, rmcy.AppType, rmcy.UniqueProcess, 1)
    counts = []
    for _ in range(200):
        session.register(("/no/such",), [rmcy.UniqueProcess(1, 1)])
        assert [app.service for app in session.affected()] == [None]
        counts.append([sys.getrefcount(one) for one in lasting])
    assert [max(each) - min(each) for each in zip(*counts, strict=True) if max(each) - min(each) > 100] == []


def test_what_never_ends_is_not_counted_at_all(run_program: Callable[..., Program]) -> None:
    # None, from Python 3.12 on. In a program of its own, for None whose count has come to nought begins anew.
    program = run_program(
        """
        import sys
        before = sys.getrefcount(None)
        import rmcy
        print(sys.version_info < (3, 12) or sys.getrefcount(None) - before, flush=True)
        """
    )
    assert program.said == str(sys.version_info < (3, 12) or 0)
