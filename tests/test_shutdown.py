# SPDX-License-Identifier: MIT
"""Stopping real programs: who ends, who does not, what is left alone, and what is said of it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import rmcy
from rmcy import AppStatus, Failure, Phase, StopAction, StopCause

from fix_comeback import Comebacks
from fix_holders import Holders
from fix_process import ENDED_WHEN_ASKED, IMPATIENT, ON_WINDOWS, OWN_UID, PYTHON, lives, was_killed
from fix_program import Program


def test_a_program_is_asked_to_end(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    session.register(path)
    with session.shutdown() as stopped:
        assert holder.process.wait() in ENDED_WHEN_ASKED
        (program,) = stopped.outcome
        assert program.process == rmcy.UniqueProcess(holder.pid, program.process.start_time if program.process else 0)
        assert (program.action, program.failure, program.forced) == (StopAction.SIGNAL, Failure.NONE, False)
        assert program.stopped
        assert program.down
        assert stopped.outcome.phase is Phase.SHUTDOWN
        assert stopped.outcome.ok
    # It had registered no way to come back, which is no failure of the restart, but is said.
    (program,) = stopped.outcome
    assert stopped.outcome.phase is Phase.RESTART
    assert (program.failure, stopped.outcome.ok) == (Failure.NO_WAY, False)
    assert "nobody knows how to start it" in str(stopped.outcome)


def test_nobody_to_stop_is_no_error(session: rmcy.PrimarySession, held: Path) -> None:
    session.register(held)
    with session.shutdown() as stopped:
        assert len(stopped.outcome) == 0
    assert stopped.outcome.ok
    assert stopped.outcome.phase is Phase.RESTART


def test_who_does_not_end_is_351(
    session: rmcy.PrimarySession, held: Path, stubborn: Program, comebacks: Comebacks
) -> None:
    other = comebacks.start(held)
    session.register(held)
    with pytest.raises(rmcy.ShutdownIncompleteError, match=rf"\({stubborn.pid}\): not in time") as caught:
        session.shutdown(**IMPATIENT)
    error = caught.value
    assert (error.code, error.function) == (351, "RmShutdown")
    assert "force=True" in error.advice
    # The one that ended was brought back before the error came out.
    back = comebacks.next()
    by_pid = {program.process.pid: program for program in error.outcome if program.process is not None}
    assert by_pid[stubborn.pid].failure is Failure.TIMEOUT
    assert not by_pid[stubborn.pid].stopped
    assert (by_pid[other].restarted, by_pid[other].verified) == (True, True)
    assert by_pid[other].now == rmcy.UniqueProcess.from_pid(back)
    assert lives(stubborn.pid)
    assert not lives(other)
    assert comebacks.none_waits()


def test_partial_ok_goes_on_without_them(session: rmcy.PrimarySession, stubborn: Program, held: Path) -> None:
    session.register(held)
    with session.shutdown(partial_ok=True, **IMPATIENT) as stopped:
        assert not stopped.outcome.ok
        assert [program.failure for program in stopped.outcome.failed] == [Failure.TIMEOUT]
    assert lives(stubborn.pid)


def test_force_kills_who_does_not_end(session: rmcy.PrimarySession, stubborn: Program, held: Path) -> None:
    session.register(held)
    with session.shutdown(force=True, **IMPATIENT) as stopped:
        assert was_killed(stubborn.process.wait())
        (program,) = stopped.outcome
        assert program.stopped
        # Windows does not tell whom it had to kill.
        assert program.forced == ("killed" in str(stopped.outcome)) == (not ON_WINDOWS)


@pytest.mark.linux("Windows has no signal that suspends a program")
def test_a_suspended_program_is_stopped_by_force(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    os.kill(holder.pid, signal.SIGSTOP)
    session.register(path)
    with session.shutdown(force=True, app_timeout=0.2) as stopped:
        assert holder.process.wait() in (-signal.SIGTERM, -signal.SIGKILL)
        assert stopped.outcome[0].stopped


@pytest.mark.linux("a Python of Windows cannot become another user")
def test_root_stops_a_program_of_another_user(
    session: rmcy.PrimarySession, held: Path, holders: Holders, alone: Sequence[str]
) -> None:
    pid = holders.start("open_file", held, before=alone)
    session.register(held)
    with session.shutdown() as stopped:
        assert not lives(pid)
        assert [(program.uid, program.stopped) for program in stopped.outcome] == [(54321, True)]


@pytest.mark.linux("Windows stops all or none where one must not be stopped")
def test_what_may_not_be_stopped_is_left_alone(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    with path.open():
        session.register(path)
        with session.shutdown() as stopped:
            by_pid = {program.process.pid: program for program in stopped.outcome if program.process is not None}
            assert by_pid[os.getpid()].action is StopAction.NONE
            assert by_pid[os.getpid()].cause is StopCause.SELF
            assert "it is the caller" in by_pid[os.getpid()].why
            assert by_pid[holder.pid].stopped
            assert rmcy.RebootReason.DETECTED_SELF in stopped.outcome.reboot_reasons
            assert stopped.outcome.left_alone == (by_pid[os.getpid()],)


def test_refuse_stops_nothing_then(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    with path.open():
        session.register(path)
        with pytest.raises(rmcy.ShutdownIncompleteError, match="it is the caller") as caught:
            session.shutdown(on_critical="refuse")
        assert caught.value.code == 350
        by_pid = {program.process.pid: program for program in caught.value.outcome if program.process is not None}
        assert by_pid[holder.pid].cause is StopCause.NOTHING_DONE
        with session.shutdown(on_critical="refuse", partial_ok=True) as stopped:
            assert not stopped.outcome.stopped
    assert lives(holder.pid)


def test_only_registered_stops_nothing_else(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], comebacks: Comebacks
) -> None:
    path, holder = held_file
    registered = comebacks.start(path)
    session.register(path)
    with pytest.raises(rmcy.ShutdownIncompleteError) as caught:
        session.shutdown(only_registered=True)
    causes = {program.process.pid: program.cause for program in caught.value.outcome if program.process is not None}
    assert causes[holder.pid] is StopCause.NOT_REGISTERED
    assert f"({holder.pid}): it is not registered for a restart. Nothing was stopped." in str(caught.value)
    assert lives(holder.pid)
    assert lives(registered)
    holder.kill()
    with session.shutdown(only_registered=True):
        assert not lives(registered)
    assert comebacks.next() != registered


def test_a_list_knows_what_was_stopped(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    session.register(path)
    with session.shutdown():
        statuses = {app.process.pid: app.status for app in session.affected()}
        assert AppStatus.STOPPED in statuses[holder.pid]
        assert AppStatus.RUNNING not in statuses[holder.pid]


def test_a_time_out_brings_back_and_is_a_timeout_error(
    session: rmcy.PrimarySession, held: Path, stubborn: Program, comebacks: Comebacks
) -> None:
    other = comebacks.start(held)
    session.register(held)
    with pytest.raises(TimeoutError, match="before every program was stopped") as caught:
        session.shutdown(timeout=0.5)
    assert isinstance(caught.value, rmcy.SessionTimeoutError)
    assert (caught.value.code, caught.value.function) == (121, "RmShutdown")
    assert caught.value.outcome is not None
    if not lives(other):
        # Stopped in the half second, so it is back.
        assert comebacks.next() != other
        assert caught.value.outcome.phase is Phase.RESTART
    assert lives(stubborn.pid)


def test_a_directory_is_named_as_the_reason(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    session.register(tmp_path, directories="accept")
    for call in (session.shutdown, session.plan):
        with pytest.raises(IsADirectoryError, match="a registered path is a directory"):
            call()


def test_each_step_is_logged_once(
    session: rmcy.PrimarySession, held: Path, comebacks: Comebacks, caplog: pytest.LogCaptureFixture
) -> None:
    pid = comebacks.start(held)
    session.register(held)
    with caplog.at_level(logging.INFO, "rmcy"), session.shutdown():
        pass
    back = comebacks.next()
    records = [record for record in caplog.records if record.name == "rmcy"]
    assert {record.levelname for record in records} == {"INFO"}
    events = [vars(record)["rmcy"] for record in records]
    assert [(event["event"], event["pid"]) for event in events] == [("signal", pid), ("stop", pid), ("start", pid)]
    assert events[-1]["now"] == back
    assert events[0]["uid"] == OWN_UID


AUDITED = """
    import sys, rmcy
    events = []
    def hook(event, arguments):
        if event.startswith("rmcy."):
            events.append(event)
            if forbidden == event:
                raise PermissionError("not here")
    forbidden = "rmcy.shutdown"
    sys.addaudithook(hook)
    with rmcy.start() as session:
        session.register(sys.argv[1])
        try:
            session.shutdown()
        except PermissionError:
            pass
        else:
            sys.exit("was not forbidden")
        forbidden = None
        assert [app.status for app in session.affected()] == [rmcy.AppStatus.RUNNING]
        with session.shutdown():
            assert events == ["rmcy.shutdown"] * 2, events
        assert events[2:] == ["rmcy.restart"], events
    print("done", flush=True)
"""


def test_audit_hooks_hear_before_anything_is_done(
    run_program: Callable[..., Program], held_file: tuple[Path, Program]
) -> None:
    assert run_program(AUDITED, str(held_file[0])).said == "done"


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"plan": "plan"}, TypeError, "plan is of type str"),
        ({"on_progress": 5}, TypeError, "on_progress is of type int"),
        ({"on_critical": "kill"}, ValueError, 'use "skip" or "refuse"'),
        ({"app_timeout": -1}, ValueError, "app_timeout is -1"),
        ({"service_timeout": "x"}, TypeError, "service_timeout is 'x'"),
        ({"timeout": float("nan")}, ValueError, "timeout is nan"),
    ],
)
def test_an_argument_that_cannot_be_is_refused(
    session: rmcy.PrimarySession, arguments: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        session.shutdown(**arguments)  # type: ignore[arg-type]


def test_a_secondary_has_none_of_it(joined: rmcy.JoinedSession) -> None:
    for name in ("affected", "plan", "shutdown", "restart", "cancel", "add_filter", "filters", "add_critical"):
        assert not hasattr(joined, name)


def test_restart_before_any_stop_is_776(session: rmcy.PrimarySession) -> None:
    with pytest.raises(rmcy.RestartManagerError, match="nothing has been stopped in this session") as caught:
        session.restart()
    assert caught.value.code == 776


def test_this_python_is_found(held_file: tuple[Path, Program]) -> None:
    # The tests above rely on holders that run this interpreter.
    (app,) = rmcy.who(held_file[0])
    assert app.exe is not None
    assert os.path.samefile(app.exe, PYTHON)
