# SPDX-License-Identifier: MIT
"""Filters and what a caller calls critical: kept as given, and heeded by plans and stops."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import rmcy
from rmcy import AppStatus, Filter, FilterAction, StopAction, StopCause, UniqueProcess

from fix_process import ON_WINDOWS, executable, lives
from fix_program import Program


def test_filters_are_listed_as_they_were_added(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    assert session.filters() == ()
    process = UniqueProcess(4711, 2**63)
    odd = rb"C:\opt\x" if ON_WINDOWS else b"/opt/\xff"
    session.add_filter("no_shutdown", module=odd)
    session.add_filter(FilterAction.NO_RESTART, process=process)
    session.add_filter("no_restart", service="n\u00fctzlich.service")
    session.add_filter("no_restart", module=tmp_path / ("x" * 40))
    assert session.filters() == (
        Filter(action=FilterAction.NO_SHUTDOWN, module=os.fsdecode(odd)),
        Filter(action=FilterAction.NO_RESTART, process=process),
        Filter(action=FilterAction.NO_RESTART, service="n\u00fctzlich.service"),
        Filter(action=FilterAction.NO_RESTART, module=str(tmp_path / ("x" * 40))),
    )


def test_a_later_filter_replaces_an_earlier_one(session: rmcy.PrimarySession) -> None:
    session.add_filter("no_restart", service="a.service")
    session.add_filter("no_shutdown", service="a.service")
    assert session.filters() == (Filter(action=FilterAction.NO_SHUTDOWN, service="a.service"),)


def test_a_filter_is_removed_by_its_target(session: rmcy.PrimarySession) -> None:
    process = UniqueProcess.from_pid(os.getpid())
    session.add_filter("no_restart", process=(process.pid, process.start_time))
    session.add_filter("no_restart", module=sys.executable)
    session.remove_filter(process=rmcy.AffectedApp(process, "x"))
    session.remove_filter(module=sys.executable)
    assert session.filters() == ()
    with pytest.raises(LookupError, match="there is no filter for that program") as caught:
        session.remove_filter(module=sys.executable)
    assert isinstance(caught.value, rmcy.FilterNotFoundError)
    assert (caught.value.code, caught.value.function) == (2, "RmRemoveFilter")


def test_many_filters_are_listed(session: rmcy.PrimarySession) -> None:
    names = [f"{n}-{'x' * n}.service" for n in range(200)]
    for name in names:
        session.add_filter("no_restart", service=name)
    assert [found.service for found in session.filters()] == names


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({}, TypeError, "none was given"),
        ({"module": "/x", "service": "y"}, TypeError, "module and service was given"),
        ({"module": "relative"}, rmcy.BadArgumentsError, "by its absolute path"),
        ({"module": ""}, rmcy.BadArgumentsError, "module is an empty string"),
        ({"service": "a\0b"}, rmcy.BadArgumentsError, "NUL"),
        pytest.param(
            *({"service": "a\ud800"}, rmcy.BadArgumentsError, "unpaired surrogate"),
            marks=pytest.mark.linux("a lone surrogate may stand in a name of Windows"),
        ),
        ({"service": b"x"}, TypeError, "a service is named by a str"),
        ({"process": 4711}, TypeError, "give a UniqueProcess"),
        ({"process": (1, "x")}, TypeError, "start_time must be an int"),
        ({"module": 5}, TypeError, "expected str, bytes or os.PathLike object, not int"),
    ],
)
def test_a_target_that_cannot_be_is_refused(
    session: rmcy.PrimarySession, arguments: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        session.add_filter("no_restart", **arguments)  # type: ignore[call-overload]
    with pytest.raises(kind, match=message):
        session.remove_filter(**arguments)  # type: ignore[call-overload]
    assert session.filters() == ()


def test_an_action_that_cannot_be_is_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(ValueError, match='use "no_shutdown" or "no_restart"'):
        session.add_filter("kill", service="x")  # type: ignore[call-overload]
    with pytest.raises(rmcy.BadArgumentsError):
        session.add_filter(FilterAction(9), service="x")


def test_a_filter_by_hand_has_one_target() -> None:
    assert Filter(action=FilterAction(2), module="/x").action is FilterAction.NO_SHUTDOWN
    with pytest.raises(TypeError, match="about one module, process or service"):
        Filter(action=FilterAction.NO_RESTART)


@pytest.mark.parametrize("way", ["module", "process"])
def test_a_masked_program_is_listed_and_left_alone(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], way: str
) -> None:
    path, holder = held_file
    session.register(path)
    if way == "module":
        session.add_filter("no_shutdown", module=executable(holder.pid))
    else:
        session.add_filter("no_shutdown", process=UniqueProcess.from_pid(holder.pid))
    assert [AppStatus.SHUTDOWN_MASKED in app.status for app in session.affected()] == [True]
    assert [(step.action, step.cause) for step in session.plan()] == [(StopAction.NONE, StopCause.MASKED)]
    with session.shutdown(force=True, partial_ok=True) as stopped:
        assert [program.cause for program in stopped.outcome] == [StopCause.MASKED]
        assert stopped.outcome[0].why == "a filter says so"
        assert lives(holder.pid)
    # Another session knows nothing of it.
    with rmcy.start() as other:
        other.register(path)
        with other.shutdown():
            assert not lives(holder.pid)


@pytest.mark.linux("Windows itself knows what is critical, and is told nothing")
def test_what_the_caller_calls_critical_is_left_alone(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program]
) -> None:
    path, holder = held_file
    session.register(path)
    session.add_critical(executable(holder.pid))
    assert [step.cause for step in session.plan()] == [StopCause.CRITICAL]
    with session.shutdown(force=True):
        assert lives(holder.pid)
    with pytest.raises(rmcy.ShutdownIncompleteError) as caught:
        session.shutdown(force=True, on_critical="refuse")
    assert caught.value.code == 350
    assert lives(holder.pid)


@pytest.mark.linux("Windows itself knows what is critical, and is told nothing")
@pytest.mark.parametrize("pattern", ["", "a/b", "a\0b"])
def test_a_pattern_that_cannot_be_is_refused(session: rmcy.PrimarySession, pattern: str) -> None:
    with pytest.raises(rmcy.BadArgumentsError):
        session.add_critical(pattern)
    with pytest.raises(TypeError, match="give a str"):
        session.add_critical(b"x")  # type: ignore[arg-type]
