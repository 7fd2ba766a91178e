# SPDX-License-Identifier: MIT
"""Programs that are no services register how they come back, and do."""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rmcy

from fix_program import Program
from fix_relaunch import BYTES, REPORT, Fifo, texts, variables

pytestmark = pytest.mark.linux("Windows keeps what a program registered, and shows it to nobody")


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    yield
    rmcy.register_application_restart([]).unregister()


REGISTER = """
import json, os, sys, rmcy
arguments, options = json.loads(sys.argv[1])
registration = rmcy.register_application_restart(arguments, **options)
"""
READY = '\nprint("ready", flush=True)'


# ---- registering ----


def test_registration_shows_what_it_is() -> None:
    registration = rmcy.register_application_restart(["-m", "app"])
    assert repr(registration) == "<Registration ['-m', 'app'], active>"
    assert registration.arguments == ("-m", "app")
    assert registration.active
    registration.unregister()
    assert repr(registration) == "<Registration ['-m', 'app'], not active>"
    registration.unregister()
    assert not registration.active


def test_later_registration_replaces_the_earlier_one() -> None:
    first = rmcy.register_application_restart(["1"])
    second = rmcy.register_application_restart(["2"])
    assert second.active
    assert not first.active
    first.unregister()  # takes nothing back that is not its own
    assert second.active


def test_registration_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="belongs to the process"):
        pickle.dumps(rmcy.register_application_restart([]))


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        (["a\0b"], {}, "NUL"),
        (["\ud800"], {}, "no text"),
        (["x" * 1025], {}, "1,024 UTF-16 units"),
        (["x"] * 513, {}, "1,024 UTF-16 units"),
        ([], {"directory": "relative"}, "not an absolute path"),
        ([], {"directory": b"/a\0b"}, "not an absolute path"),
        ([], {"environment": {"A\0": ""}}, "NUL"),
        ([], {"environment": {"A": "\0"}}, "NUL"),
        ([], {"environment": {"A=B": "C"}}, "'='"),
        ([], {"environment": {"": "x"}}, "letters, digits"),
        ([], {"environment": {"1A": "x"}}, "letters, digits"),
        ([], {"environment": {"A": "x" * 32767}}, "32,767 bytes"),
    ],
)
def test_what_cannot_be_registered(arguments: list[str], options: dict[str, object], text: str) -> None:
    kept = rmcy.register_application_restart(["kept"])
    with pytest.raises(rmcy.BadArgumentsError, match=text) as caught:
        rmcy.register_application_restart(arguments, **options)  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == 160
    assert caught.value.function == "RmxRegisterApplicationRestart"
    assert kept.active


@pytest.mark.parametrize("arguments", ["x", b"x", [b"x"], [1], None])
def test_arguments_are_a_sequence_of_str(arguments: object) -> None:
    with pytest.raises(TypeError):
        rmcy.register_application_restart(arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("environment", [{"A": b"x"}, {b"A": "x"}, {"A": 1}])
def test_environment_is_of_str(environment: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        rmcy.register_application_restart([], environment=environment)


def test_current_directory_that_is_gone(run_program: Callable[..., Program], tmp_path: Path) -> None:
    program = run_program(
        """
        import os, sys, rmcy
        os.chdir(sys.argv[1])
        os.rmdir(sys.argv[1])
        try:
            rmcy.register_application_restart([])
        except rmcy.RestartManagerError as error:
            print(error.code, error, flush=True)
        """,
        str(tmp_path),
    )
    assert program.said.startswith("2 RmxRegisterApplicationRestart failed: the program's own file, or the current")


def test_command_line_has_1024_units() -> None:
    rmcy.register_application_restart(["x" * 1024])
    rmcy.register_application_restart(["\N{PILE OF POO}" * 512])
    rmcy.register_application_restart(["x"] * 512)
    with pytest.raises(ValueError, match="too long"):
        rmcy.register_application_restart(["\N{PILE OF POO}" * 513])


@pytest.mark.parametrize(
    ("source", "back"),
    [
        (REGISTER, rmcy.ComeBack.REGISTERED),
        (REGISTER + "registration.unregister()", rmcy.ComeBack.NO),
        (REGISTER + "rmcy.register_application_restart([], no_patch=True)", rmcy.ComeBack.NO),
    ],
    ids=["registered", "unregistered", "not for patches"],
)
def test_others_see_whether_it_would_come_back(
    run_program: Callable[..., Program], session: rmcy.PrimarySession, source: str, back: rmcy.ComeBack
) -> None:
    program = run_program(source + READY, "[[], {}]")
    session.register(processes=[rmcy.UniqueProcess.from_pid(program.pid)])
    (app,) = session.affected()
    assert app.restartable == (back is rmcy.ComeBack.REGISTERED)
    (step,) = (step for step in session.plan() if step.stops)
    assert step.back is back


def test_forked_child_has_registered_nothing(run_program: Callable[..., Program]) -> None:
    program = run_program("""
        import os, rmcy
        mine = rmcy.register_application_restart(["parent"])
        child = os.fork()
        if child == 0:
            ok = not mine.active
            mine.unregister()
            rmcy.register_application_restart(["child"]).unregister()
            os._exit(0 if ok else 1)
        _, status = os.waitpid(child, 0)
        print(status, mine.active, flush=True)
    """)
    assert program.said == "0 True"
    with rmcy.start() as session:
        session.register(processes=[rmcy.UniqueProcess.from_pid(program.pid)])
        (app,) = session.affected()
        assert app.restartable


# ---- coming back, without a service manager ----

PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture
def orphans() -> Iterator[None]:
    """This process takes in what is started, in place of a process 1 that may not care for orphans; and ends it."""
    libc = ctypes.CDLL(None)
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0


def end(pid: int) -> None:
    """End an adopted child."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def without_systemd() -> None:
    if Path("/run/systemd/system").exists():
        pytest.skip("systemd runs here: it starts what comes back (see the tests in the box)")


def stop_and_restart(program: Program, *, session: rmcy.PrimarySession) -> rmcy.ProgramOutcome:
    session.register(processes=[rmcy.UniqueProcess.from_pid(program.pid)])
    with program, session.shutdown() as stopped:
        assert program.end() == -signal.SIGTERM
    (outcome,) = (item for item in stopped.outcome if item.stopped)
    return outcome


@pytest.mark.usefixtures("orphans")
def test_program_comes_back_as_it_wished(
    tmp_path: Path, report_fifo: Fifo, session: rmcy.PrimarySession, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_systemd()
    script = tmp_path / "report.py"
    script.write_text(REPORT)
    options = {"directory": str(tmp_path), "environment": {"RMCY_FIFO": str(report_fifo.path), "ODD": "$x %n \udcfe"}}
    given = json.dumps([["-W", "error", str(script), *BYTES], options])
    monkeypatch.setenv("LD_DEBUG_OUTPUT", "/of/who/patches")
    program = Program(REGISTER + READY, given)
    outcome = stop_and_restart(program, session=session)
    report = report_fifo.hear()
    assert outcome.restarted
    assert outcome.verified
    assert outcome.now is not None
    assert outcome.now.pid == report["pid"]
    # The name that it was called by: of a virtual environment's Python that is the environment's.
    assert texts(report) == [os.fsencode(text) for text in (sys.executable, "-W", "error", str(script), *BYTES)]
    assert bytes.fromhex(report["directory"]) == os.fsencode(tmp_path)
    found = variables(report)
    assert found[b"ODD"] == b"$x %n \xfe"
    assert {b"PATH", b"ODD", b"RMCY_FIFO"} <= found.keys()
    assert not found.keys() & {b"LD_DEBUG_OUTPUT", b"PYTHONSAFEPATH", b"PYTEST_CURRENT_TEST"}
    assert report["ids"] == [*os.getresuid(), *os.getresgid()]
    assert report["input"] == "/dev/null"
    end(report["pid"])


@pytest.mark.usefixtures("orphans")
def test_program_comes_back_in_its_virtual_environment(
    tmp_path: Path, report_fifo: Fifo, session: rmcy.PrimarySession
) -> None:
    without_systemd()
    options = {"environment": {"RMCY_FIFO": str(report_fifo.path)}}
    source = "import rmcy, sys; assert sys.prefix == " + repr(sys.prefix) + REPORT
    script = tmp_path / "report.py"
    script.write_text(source)
    stop_and_restart(Program(REGISTER + READY, json.dumps([[str(script)], options])), session=session)
    end(report_fifo.hear()["pid"])


@pytest.mark.usefixtures("orphans")
def test_program_that_is_gone_cannot_come_back(tmp_path: Path) -> None:
    without_systemd()
    program = Program(REGISTER + READY, json.dumps([[], {"directory": str(tmp_path / "none")}]))
    with rmcy.start() as session, pytest.raises(rmcy.RestartIncompleteError) as caught:
        stop_and_restart(program, session=session)
    (failed,) = caught.value.outcome.failed
    assert failed.failure is rmcy.Failure.SYSTEM
    assert failed.detail == os.strerror(2)
