# SPDX-License-Identifier: MIT
"""Stops that are broken off, by another thread, by a signal, by Ctrl-C: the programs come back, and it is said."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rmcy
from rmcy import Phase, Progress

from fix_comeback import Comebacks, said_asked
from fix_process import IMPATIENT, ON_WINDOWS, PATIENT, lives
from fix_program import Program

FOREVER = float("inf")


class Interruption(BaseException):
    """What a signal handler raises, as Python's own does for Ctrl-C."""


@pytest.fixture
def interrupting() -> Iterator[None]:
    """SIGUSR1 raises Interruption in the main thread."""

    def interrupt(number: int, frame: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def comer(session: rmcy.PrimarySession, held: Path, stubborn: Program, comebacks: Comebacks) -> int:
    """A program that ends and can come back, beside one that does not end: a stop of the session takes for ever."""
    session.register(held)
    return comebacks.start(held)


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def brought_back(comebacks: Comebacks, comer: int) -> bool:
    """The one that had been stopped runs again; or it had not been stopped."""
    return lives(comer) or comebacks.next() != comer


def test_another_thread_cancels_a_stop(
    session: rmcy.PrimarySession, stubborn: Program, comer: int, comebacks: Comebacks
) -> None:
    def cancel() -> None:
        said_asked(stubborn)
        session.cancel()

    thread = beside(cancel)
    with pytest.raises(rmcy.OperationCancelledError) as caught:
        session.shutdown(timeout=FOREVER, **PATIENT)
    thread.join()
    assert (caught.value.code, caught.value.function) == (1223, "RmShutdown")
    assert caught.value.outcome is not None
    assert caught.value.outcome.phase is Phase.RESTART
    assert brought_back(comebacks, comer)
    assert lives(stubborn.pid)
    # The session goes on.
    assert stubborn.pid in [app.process.pid for app in session.affected()]


@pytest.mark.linux("Windows has no signals that a thread could send")
def test_a_signal_handler_s_exception_arrives_at_once(
    session: rmcy.PrimarySession, stubborn: Program, comer: int, comebacks: Comebacks, interrupting: None
) -> None:
    def interrupt() -> None:
        said_asked(stubborn)
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = beside(interrupt)
    with pytest.raises(Interruption) as caught:
        session.shutdown(timeout=FOREVER, **PATIENT)
    thread.join()
    assert not hasattr(caught.value, "__notes__")
    assert brought_back(comebacks, comer)
    assert lives(stubborn.pid)


# Windows sends Ctrl-C to whoever shares a console: there Python is told, by the program itself, that it came.
CTRL_C = """
    import _thread, os, signal, sys, threading, rmcy
    def hear():
        sys.stdin.readline()
        _thread.interrupt_main()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.name == "nt":
        threading.Thread(target=hear).start()
    with rmcy.start() as session:
        session.register(sys.argv[1])
        print("ready", flush=True)
        try:
            session.shutdown(timeout=float("inf"), **eval(sys.argv[2], {"inf": float("inf")}))
        except KeyboardInterrupt as interrupt:
            alive = [app for app in session.affected() if rmcy.AppStatus.RUNNING in app.status]
            print("interrupted", len(alive), getattr(interrupt, "__notes__", None), flush=True)
"""


def test_ctrl_c_comes_out_as_itself(
    held: Path, stubborn: Program, comebacks: Comebacks, run_program: Callable[..., Program]
) -> None:
    comer = comebacks.start(held)
    stopper = run_program(CTRL_C, str(held), repr(PATIENT))
    said_asked(stubborn)
    if ON_WINDOWS:
        assert stopper.process.stdin is not None
        stopper.process.stdin.write("\n")
        stopper.process.stdin.flush()
    else:
        os.kill(stopper.pid, signal.SIGINT)
    assert stopper.process.stdout is not None
    # Both hold the file again by the time that it comes out.
    assert stopper.process.stdout.readline() == "interrupted 2 None\n"
    assert brought_back(comebacks, comer)


def test_a_cancellation_before_the_library_has_begun_is_not_lost(
    session: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    # At 0 percent nothing may be under way yet that could be cancelled.
    def cancel(progress: Progress) -> None:
        if progress.percent == 0:
            session.cancel()

    with pytest.raises(rmcy.OperationCancelledError):
        session.shutdown(on_progress=cancel, timeout=FOREVER, **PATIENT)
    assert brought_back(comebacks, comer)


def test_what_brings_back_is_not_cancelled(session: rmcy.PrimarySession, held: Path, comebacks: Comebacks) -> None:
    comebacks.start(held)
    session.register(held)
    stopped = session.shutdown()
    # As at the end of a block, with a callback that could come in between.
    session._stops.bring_back(60.0, lambda progress: session.cancel())
    comebacks.next()
    assert stopped.outcome.restarted


@pytest.mark.linux("Windows does not tell what became of whom it had given up")
def test_who_ends_only_while_others_are_brought_back_comes_back_too(
    session: rmcy.PrimarySession, held: Path, comebacks: Comebacks
) -> None:
    slow = comebacks.start(held, slowly=True)
    session.register(held)
    # The stop has given up on it, but it was asked, and ends.
    stopped = session.shutdown(partial_ok=True, **IMPATIENT)
    assert lives(slow)
    assert [program.failure for program in stopped.outcome] == [rmcy.Failure.TIMEOUT]

    def let_end(progress: Progress) -> None:
        if progress.percent == 0:
            comebacks.let_end(slow)

    stopped.restart(on_progress=let_end)
    assert comebacks.next() != slow
    assert [(program.stopped, program.restarted) for program in stopped.outcome] == [(True, True)]


def test_nothing_to_cancel_is_no_error(session: rmcy.PrimarySession) -> None:
    session.cancel()


def test_who_waits_for_another_thread_s_stop_has_a_time_out(
    session: rmcy.PrimarySession, stubborn: Program, comer: int, comebacks: Comebacks
) -> None:
    errors: list[BaseException] = []

    def stop() -> None:
        try:
            session.shutdown(timeout=FOREVER, **PATIENT)
        except rmcy.OperationCancelledError as error:
            errors.append(error)

    thread = beside(stop)
    said_asked(stubborn)
    for call in (lambda: session.shutdown(timeout=0.01), lambda: session.restart(timeout=0)):
        with pytest.raises(rmcy.SessionTimeoutError, match="another thread is acting on this session"):
            call()
    session.cancel()
    thread.join()
    assert len(errors) == 1
    assert brought_back(comebacks, comer)


def test_two_threads_that_stop_take_turns(
    session: rmcy.PrimarySession, held: Path, comebacks: Comebacks, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text("x")
    pids = {comebacks.start(held), comebacks.start(other)}
    session.register([held, other])
    both_have_stopped = threading.Barrier(2)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with session.shutdown():
                both_have_stopped.wait()
                assert not any(lives(pid) for pid in pids)
        except BaseException as error:
            failures.append(error)
            both_have_stopped.abort()

    threads = [beside(work), beside(work)]
    for thread in threads:
        thread.join()
    assert failures == []
    assert not {comebacks.next(), comebacks.next()} & pids
    assert comebacks.none_waits()


def test_closing_waits_for_another_thread_s_stop(
    session: rmcy.PrimarySession, held: Path, comebacks: Comebacks
) -> None:
    comebacks.start(held)
    session.register(held)
    stopping = threading.Event()
    kept: list[rmcy.Stopped] = []

    def stop() -> None:
        kept.append(session.shutdown(on_progress=lambda progress: stopping.set()))

    thread = beside(stop)
    stopping.wait()
    session.close()
    thread.join()
    comebacks.next()
    assert comebacks.none_waits()
    assert kept[0].outcome.restarted
