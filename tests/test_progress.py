# SPDX-License-Identifier: MIT
"""Callbacks: where they run, what they are told, and that nothing that they do loses a program or hangs a call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
from rmcy import Phase, Progress

from fix_comeback import Comebacks
from fix_process import ENDED_WHEN_ASKED, ON_WINDOWS, PATIENT, lives
from fix_program import Program


class CallbackError(Exception):
    """What a callback raises."""


class Interruption(BaseException):
    """What a signal handler raises while a callback runs: no error."""


@pytest.fixture
def comer(comebacks: Comebacks, session: rmcy.PrimarySession, held: Path) -> int:
    """A program that holds what the session is about, and can be brought back."""
    session.register(held)
    return comebacks.start(held)


def test_a_callback_hears_the_whole_story_in_its_own_thread(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    heard: list[Progress] = []
    threads: set[int] = set()

    def listen(progress: Progress) -> None:
        heard.append(progress)
        threads.add(threading.get_ident())

    stopped = session.shutdown(on_progress=listen)
    told = len(heard)
    stopped.restart(on_progress=listen)
    back = comebacks.next()
    for phase, part in ((Phase.SHUTDOWN, heard[:told]), (Phase.RESTART, heard[told:])):
        percents = [progress.percent for progress in part]
        assert percents == sorted(set(percents))
        assert (percents[0], percents[-1]) == (0, 100)
        assert {progress.phase for progress in part} == {phase}
    apps = [progress.app for progress in heard if progress.app is not None]
    # Windows tells how far it is, not of whom.
    assert [app.process and app.process.pid for app in apps] == ([] if ON_WINDOWS else [comer, comer])
    if apps:
        assert apps[0].stopped
        assert apps[1].now is not None
        assert apps[1].now.pid == back
    assert threads == {threading.get_ident()}


def test_it_is_the_calling_thread_also_where_that_is_another(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    threads: list[int] = []

    def work() -> None:
        with session.shutdown(on_progress=lambda progress: threads.append(threading.get_ident())):
            pass

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    comebacks.next()
    assert set(threads) == {thread.ident}


def test_its_exception_cancels_and_comes_out_when_the_programs_are_back(
    session: rmcy.PrimarySession, stubborn: Program, comer: int, comebacks: Comebacks
) -> None:
    calls: list[Progress] = []
    ended = CallbackError("enough")

    def stop_at_the_first_program(progress: Progress) -> None:
        calls.append(progress)
        if progress.percent:
            raise ended

    # Without the cancellation the stop would wait for the stubborn one for ever.
    with pytest.raises(CallbackError) as caught:
        session.shutdown(on_progress=stop_at_the_first_program, timeout=float("inf"), partial_ok=True, **PATIENT)
    assert caught.value is ended
    assert comebacks.next() != comer
    assert comebacks.none_waits()
    # After its exception it is not called again.
    assert [progress.percent > 0 for progress in calls] == [False, True]
    assert lives(stubborn.pid)


def test_an_exception_at_the_very_end_brings_everything_back_as_well(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    def fail_at_the_end(progress: Progress) -> None:
        if progress.percent == 100:
            raise CallbackError

    with pytest.raises(CallbackError):
        session.shutdown(on_progress=fail_at_the_end)
    assert comebacks.next() != comer


@pytest.mark.parametrize("kind", [CallbackError, Interruption])
def test_an_exception_during_the_restart_does_not_end_it(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks, kind: type[BaseException]
) -> None:
    def fail(progress: Progress) -> None:
        raise kind

    stopped = session.shutdown()
    with pytest.raises(kind):
        stopped.restart(on_progress=fail)
    comebacks.next()
    assert stopped.outcome.restarted
    assert stopped.outcome.ok
    assert stopped.restart() is stopped.outcome


def test_the_stop_does_not_wait_for_a_slow_callback(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program]
) -> None:
    path, holder = held_file
    session.register(path)
    heard: list[int] = []

    def wait_for_the_end(progress: Progress) -> None:
        # The first call returns only when the program has ended: were the stop to wait for it, neither would happen.
        holder.process.wait()
        heard.append(progress.percent)

    with session.shutdown(on_progress=wait_for_the_end):
        assert heard[0] == 0
        assert heard[-1] == 100


def test_a_callback_can_list_and_register(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], tmp_path: Path
) -> None:
    path, holder = held_file
    session.register(path)
    seen: list[bool] = []

    def use(progress: Progress) -> None:
        session.register(tmp_path / f"new-{progress.percent}")
        seen.extend(rmcy.AppStatus.STOPPED in app.status for app in session.affected())

    with session.shutdown(on_progress=use):
        assert holder.process.wait() in ENDED_WHEN_ASKED
        assert True in seen


@pytest.mark.parametrize("use", ["shutdown", "restart", "close"])
def test_a_callback_that_acts_on_the_session_is_told(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks, use: str
) -> None:
    with pytest.raises(RuntimeError, match="being acted on by the same thread: from on_progress"):
        session.shutdown(on_progress=lambda progress: getattr(session, use)())
    assert not session.closed
    if not lives(comer):
        comebacks.next()
    # The session can be used as before.
    with session.shutdown() as stopped:
        assert stopped.outcome.stopped
    comebacks.next()


def test_a_callback_can_cancel(session: rmcy.PrimarySession, held: Path, stubborn: Program) -> None:
    session.register(held)
    with pytest.raises(rmcy.OperationCancelledError, match="the stop was cancelled") as caught:
        session.shutdown(on_progress=lambda progress: session.cancel(), timeout=float("inf"), **PATIENT)
    assert (caught.value.code, caught.value.function) == (1223, "RmShutdown")
    assert caught.value.outcome is not None
    assert lives(stubborn.pid)


def test_what_cannot_be_called_is_refused_before_anything_is_done(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    with session.shutdown() as stopped:
        for call in (session.shutdown, stopped.restart, session.restart, rmcy.recover):
            with pytest.raises(TypeError, match="on_progress is of type int: give a function"):
                call(on_progress=5)  # type: ignore[operator]
        assert comebacks.none_waits()
    comebacks.next()


def test_a_callable_of_any_kind_is_taken(session: rmcy.PrimarySession, held: Path) -> None:
    session.register(held)
    heard: list[Progress] = []
    takers: list[Callable[[Progress], object]] = [heard.append, print, lambda progress: None]
    for taker in takers:
        with session.shutdown(on_progress=taker):
            pass
    assert [progress.percent for progress in heard if progress.percent in (0, 100)] == [0, 100]
