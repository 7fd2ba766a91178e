# SPDX-License-Identifier: MIT
"""The promise that what was stopped comes back: kept at the end of the block, at close, after errors, once."""

from __future__ import annotations

import copy
import gc
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import rmcy
from rmcy import Phase

from fix_comeback import Comebacks
from fix_fork import in_child
from fix_process import lives
from fix_program import Program


class BodyError(Exception):
    """What goes wrong in a block."""


@pytest.fixture
def comer(comebacks: Comebacks, held: Path) -> int:
    """A program that holds the file and can be brought back."""
    return comebacks.start(held)


@pytest.fixture
def registered(session: rmcy.PrimarySession, held: Path, comer: int) -> rmcy.PrimarySession:
    """A session that is about it."""
    session.register(held)
    return session


def test_at_the_end_of_the_block_it_comes_back(
    registered: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    with registered.shutdown() as stopped:
        assert not lives(comer)
        assert comebacks.none_waits()
        assert "to be brought back" in repr(stopped)
    back = comebacks.next()
    (program,) = stopped.outcome
    assert (stopped.outcome.phase, stopped.outcome.ok) == (Phase.RESTART, True)
    assert (program.restarted, program.verified, program.down) == (True, True, False)
    assert program.now == rmcy.UniqueProcess.from_pid(back)
    assert f"runs again as {back}" in str(stopped.outcome)
    assert "done" in repr(stopped)


def test_the_body_s_exception_comes_out_and_it_comes_back(
    registered: rmcy.PrimarySession, comebacks: Comebacks
) -> None:
    with pytest.raises(BodyError) as caught, registered.shutdown():
        raise BodyError
    comebacks.next()
    assert not hasattr(caught.value, "__notes__")


def test_without_a_block_restart_brings_it_back_once(registered: rmcy.PrimarySession, comebacks: Comebacks) -> None:
    stopped = registered.shutdown()
    outcome = stopped.restart()
    comebacks.next()
    assert outcome.restarted
    assert stopped.outcome is outcome
    assert stopped.restart() is outcome
    with stopped:
        pass
    registered.close()
    assert comebacks.none_waits()
    # What became of it can still be read.
    assert stopped.restart() is outcome


def test_leave_stopped_leaves_it_stopped(registered: rmcy.PrimarySession, comer: int, comebacks: Comebacks) -> None:
    with registered.shutdown() as stopped:
        stopped.leave_stopped()
        stopped.leave_stopped()
    registered.close()
    assert stopped.outcome.phase is Phase.SHUTDOWN
    assert stopped.outcome.down
    assert comebacks.none_waits()
    assert not lives(comer)


@pytest.mark.linux("Windows itself judges what it starts")
def test_what_cannot_come_back_is_352(session: rmcy.PrimarySession, comebacks: Comebacks, held: Path) -> None:
    # Registered, but what it registered ends at once.
    comebacks.start(held, "-c", "raise SystemExit(7)")
    session.register(held)
    stopped = session.shutdown()
    with pytest.raises(rmcy.RestartIncompleteError, match="it was started and ended again") as caught, stopped:
        pass
    assert (caught.value.code, caught.value.function) == (352, "RmRestart")
    assert caught.value.outcome is stopped.outcome
    assert not stopped.outcome.ok
    assert [program.failure for program in stopped.outcome.failed] == [rmcy.Failure.ENDED]
    assert pickle.loads(pickle.dumps(caught.value)).outcome == stopped.outcome


@pytest.mark.linux("Windows itself judges what it starts")
def test_what_cannot_come_back_is_a_note_on_the_body_s_exception(
    session: rmcy.PrimarySession, comebacks: Comebacks, held: Path
) -> None:
    comebacks.start(held, "-c", "raise SystemExit(7)")
    session.register(held)
    with pytest.raises(BodyError) as caught, session.shutdown() as stopped:
        raise BodyError
    (note,) = caught.value.__notes__
    assert "could not all be brought back" in note
    assert "it was started and ended again" in note
    assert not stopped.outcome.ok


def test_closing_the_session_brings_it_back(held: Path, comer: int, comebacks: Comebacks) -> None:
    with rmcy.start() as session:
        session.register(held)
        stopped = session.shutdown()
        assert not lives(comer)
    comebacks.next()
    assert session.closed
    assert stopped.outcome.restarted
    with stopped:
        pass
    assert comebacks.none_waits()


def test_a_body_s_exception_comes_out_of_the_session_too(held: Path, comer: int, comebacks: Comebacks) -> None:
    kept: list[rmcy.Stopped] = []

    def body() -> None:
        with rmcy.start() as session:
            session.register(held)
            kept.append(session.shutdown())
            raise BodyError

    with pytest.raises(BodyError):
        body()
    comebacks.next()
    assert kept[0].outcome.restarted


def test_forgotten_it_warns_and_comes_back_at_close(registered: rmcy.PrimarySession, comebacks: Comebacks) -> None:
    def forget() -> None:
        registered.shutdown()
        gc.collect()

    with pytest.warns(ResourceWarning, match="was forgotten: its programs are stopped until the session is closed"):
        forget()
    assert comebacks.none_waits()
    registered.close()
    comebacks.next()


def test_a_forgotten_session_brings_back_what_it_stopped(held: Path, comer: int, comebacks: Comebacks) -> None:
    session = rmcy.start()
    session.register(held)
    stopped = session.shutdown()
    del session
    gc.collect()
    # As long as programs are stopped the session is not lost.
    assert comebacks.none_waits()
    with warnings.catch_warnings():
        # A warning that is recorded keeps what it is about.
        warnings.simplefilter("ignore", ResourceWarning)
        del stopped
        gc.collect()
    comebacks.next()


FORGETS = """
    import sys, rmcy
    session = rmcy.start(label="forgotten")
    session.register(sys.argv[1])
    kept = [session.shutdown()]
    # What refers to itself is not finalised at exit by every Python.
    kept.append(kept)
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("warning", ["ignore", "error"])
def test_at_exit_it_comes_back_at_the_latest(
    run_program: Callable[..., Program], held: Path, comer: int, comebacks: Comebacks, warning: str
) -> None:
    program = run_program(f"import warnings; warnings.simplefilter({warning!r})\n" + dedent(FORGETS), str(held))
    assert program.said == "stopped"
    assert not lives(comer)
    assert comebacks.none_waits()
    program.end()
    comebacks.next()


def test_stopping_twice_each_comes_back_once_with_the_last(
    registered: rmcy.PrimarySession, comebacks: Comebacks, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text("x")
    second = comebacks.start(other)
    with registered.shutdown() as outer:
        registered.register(other)
        with registered.shutdown() as inner:
            assert not lives(second)
        # The outer block is not done with its files: nobody comes back into the middle of it.
        assert comebacks.none_waits()
        assert inner.restart().phase is Phase.SHUTDOWN
        with pytest.raises(rmcy.ShutdownIncompleteError), other.open():
            registered.shutdown(on_critical="refuse")
        assert comebacks.none_waits()
    assert comebacks.next() != comebacks.next()
    assert comebacks.none_waits()
    assert inner.outcome == outer.outcome
    assert len(outer.outcome.restarted) == 2
    assert inner.outcome.phase is Phase.RESTART


def test_leave_stopped_is_refused_while_another_is_open(registered: rmcy.PrimarySession, comebacks: Comebacks) -> None:
    with registered.shutdown(), registered.shutdown() as inner:
        with pytest.raises(RuntimeError, match="another stop of this session"):
            inner.leave_stopped()
        assert comebacks.none_waits()
    comebacks.next()


def test_the_session_s_restart_brings_everything_back(registered: rmcy.PrimarySession, comebacks: Comebacks) -> None:
    with registered.shutdown() as stopped:
        outcome = registered.restart()
        comebacks.next()
        assert outcome.restarted
    assert comebacks.none_waits()
    # Once more: nothing is left to bring back, and nobody's account is changed.
    assert registered.restart().ok
    assert stopped.outcome is outcome


def test_it_can_be_stopped_again_after_it_came_back(
    registered: rmcy.PrimarySession, comer: int, comebacks: Comebacks
) -> None:
    pids = {comer}
    for _ in range(3):
        with registered.shutdown() as stopped:
            assert [lives(pid) for pid in pids] == [False] * len(pids)
        pids.add(comebacks.next())
        assert [program.restarted for program in stopped.outcome] == [True]
    assert len(pids) == 4


def test_a_filter_keeps_it_stopped(registered: rmcy.PrimarySession, comer: int, comebacks: Comebacks) -> None:
    registered.add_filter("no_restart", process=rmcy.UniqueProcess.from_pid(comer))
    with registered.shutdown() as stopped:
        assert not lives(comer)
    assert comebacks.none_waits()
    assert [program.back for program in stopped.outcome] == [rmcy.ComeBack.MASKED]
    assert stopped.outcome.ok


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_cannot_travel(
    registered: rmcy.PrimarySession, way: Callable[[object], object], comebacks: Comebacks
) -> None:
    with registered.shutdown() as stopped, pytest.raises(TypeError, match=r"Send stopped\.outcome"):
        way(stopped)
    comebacks.next()
    assert pickle.loads(pickle.dumps(stopped.outcome)) == stopped.outcome
    with pytest.raises(TypeError, match="makes a Stopped"):
        rmcy.Stopped()


@pytest.mark.linux("Windows does not fork")
def test_a_forked_child_is_told_and_brings_nothing_back(registered: rmcy.PrimarySession, comebacks: Comebacks) -> None:
    kept = [registered.shutdown()]

    def child() -> None:
        for use in (kept[0].restart, kept[0].leave_stopped, kept[0].__enter__, registered.shutdown, registered.plan):
            with pytest.raises(rmcy.SessionForkedError):
                use()
        with pytest.raises(rmcy.SessionForkedError):
            registered.cancel()
        # As at the end of a block that the child has left.
        kept[0].__exit__(None, None, None)
        registered.close()
        warnings.simplefilter("error")
        kept.clear()
        gc.collect()

    in_child(child)
    assert comebacks.none_waits()
    kept[0].restart()
    comebacks.next()


def test_after_close_it_is_said(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    session.close()
    for use in (session.shutdown, session.restart, session.plan, session.cancel, session.filters):
        with pytest.raises(rmcy.SessionClosedError):
            use()
