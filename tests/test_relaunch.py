# SPDX-License-Identifier: MIT
"""Programs that are no services register how they come back, and do."""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent

import pytest

import rmcy

from fix_program import Program
from fix_relaunch import REPORT, Fifo, Report, texts, variables
from fix_systemd import AS_USER, USER, SystemdBox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="On Windows the system keeps it and shows it to nobody")

ODD = ["", "a b", "%n %% %t", "$HOME ${HOME} $$ $", "\"quoted' \\", "new\nline", "-x"]
BYTES = [*ODD, "\udcff\udc80 caf\xe9"]


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


# ---- coming back, by systemd ----

# Everything that the first program does: any Python, the engine's library by its path.
FIRST = """
import ctypes, json, os, sys
class Relaunch(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("arguments", ctypes.c_void_p),
                ("argument_count", ctypes.c_uint32), ("environment_count", ctypes.c_uint32),
                ("environment", ctypes.c_void_p), ("directory", ctypes.c_char_p)]
library, given = sys.argv[1], json.loads(sys.argv[2])
arguments, environment = ([bytes.fromhex(text) for text in texts] for texts in given[:2])
pointers = [(ctypes.c_char_p * (len(texts) + 1))(*texts) for texts in (arguments, environment)]
how = Relaunch(ctypes.sizeof(Relaunch), 0, ctypes.addressof(pointers[0]), len(arguments), len(environment),
               ctypes.addressof(pointers[1]), bytes.fromhex(given[2]))
code = ctypes.CDLL(library).RmxRegisterApplicationRestart(ctypes.byref(how))
print(code, os.getpid(), flush=True)
sys.stdin.read()
"""

STOP = """
import json, sys, rmcy
with rmcy.start() as session:
    session.register(processes=[rmcy.UniqueProcess.from_pid(int(pid)) for pid in sys.argv[1:]])
    with session.shutdown() as stopped:
        pass
print(json.dumps(stopped.outcome.to_dict()))
"""
# What became of the one that failed, and whether it runs.
STOP_AND_SEE = """
import json, sys, rmcy
with rmcy.start() as session:
    session.register(processes=[rmcy.UniqueProcess.from_pid(int(sys.argv[1]))])
    try:
        session.shutdown().restart()
    except rmcy.RestartIncompleteError as error:
        (failed,) = error.outcome.failed
        print(json.dumps([failed.failure.value, failed.restarted]))
"""
SYSTEM_PYTHON = "/usr/bin/python3"


class Boxed:
    """Programs in the box that register, are stopped, and report when they are back."""

    def __init__(self, box: SystemdBox, fifo: Fifo) -> None:
        self.box = box
        self.fifo = fifo
        self.first: list[subprocess.Popen[str]] = []

    def start(self, arguments: list[str], directory: str, environment: dict[str, str], *before: str) -> int:
        """Start one; its pid inside."""
        library = rmcy.backend_info().library
        assert library is not None
        environment = {"RMCY_FIFO": f"/tmp/{self.fifo.path.name}", **environment}
        given = (
            [os.fsencode(text).hex() for text in ["/run/report.py", *arguments]],
            [os.fsencode(f"{name}={value}").hex() for name, value in environment.items()],
            os.fsencode(directory).hex(),
        )
        command = self.box.inside(*before, SYSTEM_PYTHON, "-c", FIRST, library, json.dumps(given))
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first.append(process)
        assert process.stdout is not None
        code, pid = process.stdout.readline().split()
        assert code == "0"
        return int(pid)

    def stop(self, *pids: int, by: tuple[str, ...] = ()) -> rmcy.Outcome:
        """Stop them and have them back, as root or as who `by` makes of it."""
        command = self.box.python_command(STOP, *map(str, pids))
        return rmcy.Outcome.from_dict(json.loads(self.box.run(*by, *command)))

    def restart(self, *pids: int, by: tuple[str, ...] = ()) -> Report:
        """The same with one, which says what has become of it."""
        outcome = self.stop(*pids, by=by)
        (program,) = (item for item in outcome if item.stopped)
        report = self.fifo.hear()
        assert outcome.ok
        assert program.now is not None
        assert program.now.pid == report["pid"]
        return report


@pytest.fixture
def boxed(user_manager: SystemdBox) -> Iterator[Boxed]:
    box = user_manager
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON}, the Python that other users can run")
    box.write("/run/report.py", REPORT)
    with Fifo(box.root / "tmp" / f"reports-{os.getpid()}") as fifo:
        boxed = Boxed(box, fifo)
        yield boxed
        for process in boxed.first:
            process.communicate()


def indented(source: str) -> str:
    """As the text of a file that is written with an indentation."""
    return indent(source, " " * 8)


def unit_of(report: Report) -> str:
    (path,) = (line.removeprefix("0::") for line in report["cgroup"] if line.startswith("0::"))
    return path


def end_unit(box: SystemdBox, report: Report) -> None:
    """End it; systemd keeps nothing of it, so the name is free."""
    unit = unit_of(report).rpartition("/")[2]
    box.stop(unit)
    assert box.show(unit, "LoadState") == "not-found"


AS_ANOTHER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--groups=4,24,4000000000")


@pytest.mark.parametrize(
    ("arguments", "directory"), [(ODD, "/home/editor"), (BYTES, "/tmp/caf\udce9 $x %n\n")], ids=["text", "bytes"]
)
def test_user_program_comes_back_as_a_unit_of_its_user(boxed: Boxed, arguments: list[str], directory: str) -> None:
    box = boxed.box
    (box.root / directory.lstrip("/")).mkdir(exist_ok=True)
    odd = "$x ${HOME} %n \udcfe\x01" if arguments is BYTES else "$x ${HOME} %n"
    pid = boxed.start(arguments, directory, {"ODD": odd, "PATH": "/bin"}, *AS_ANOTHER)
    report = boxed.restart(pid)
    name = unit_of(report).rpartition("/")[2]
    assert unit_of(report) == f"/user.slice/user-{USER}.slice/{name}"
    assert name.startswith(f"rmcy-{pid}-")
    assert report["ids"] == [USER] * 6
    assert {4, 24} <= set(report["groups"])
    assert 0 not in report["groups"]
    assert texts(report) == [os.fsencode(text) for text in (SYSTEM_PYTHON, "/run/report.py", *arguments)]
    assert bytes.fromhex(report["directory"]) == os.fsencode(directory)
    found = variables(report)
    assert found[b"ODD"] == os.fsencode(odd)
    assert found[b"PATH"] == b"/bin"
    assert (found[b"HOME"], found[b"USER"], found[b"LOGNAME"]) == (b"/home/editor", b"editor", b"editor")
    assert b"PYTHONSAFEPATH" not in found  # which whoever stopped it has
    assert report["input"] == "/dev/null"
    assert box.show(name, "Type") == "exec"
    end_unit(box, report)


def test_root_program_comes_back_among_the_services(boxed: Boxed) -> None:
    report = boxed.restart(boxed.start([], "/", {}))
    assert unit_of(report).startswith("/system.slice/rmcy-")
    assert report["ids"] == [0] * 6
    end_unit(boxed.box, report)


def test_user_brings_back_through_the_own_manager(boxed: Boxed) -> None:
    pid = boxed.start(BYTES, "/home/editor", {}, *AS_USER)
    report = boxed.restart(pid, by=AS_USER)
    assert f"/user@{USER}.service/app.slice/rmcy-{pid}-" in unit_of(report)
    assert report["ids"] == [USER] * 6
    assert texts(report)[2:] == [os.fsencode(text) for text in BYTES]
    boxed.box.run("kill", "-KILL", str(report["pid"]))


def test_program_that_came_back_is_a_program_again(boxed: Boxed) -> None:
    """In the next patch: not a service that nobody could start again."""
    box = boxed.box
    first = boxed.restart(boxed.start([], "/", {}))
    source = """
        import json, sys, rmcy
        with rmcy.start() as session:
            session.register(processes=[rmcy.UniqueProcess.from_pid(int(sys.argv[1]))])
            (app,), (step,) = session.affected(), session.plan()
            print(json.dumps([app.type.name, app.service, step.action.value, step.back.value]))
    """
    assert json.loads(box.python(source, str(first["pid"]))) == ["CONSOLE", None, "signal", "no"]
    outcome = boxed.stop(first["pid"])
    assert [item.down for item in outcome] == [True]
    assert box.show(unit_of(first).rpartition("/")[2], "LoadState") == "not-found"


def test_program_that_cannot_be_executed_is_reported(boxed: Boxed) -> None:
    box = boxed.box
    pid = boxed.start([], "/run/gone", {})
    outcome = json.loads(box.python(STOP_AND_SEE, str(pid)))
    assert outcome == ["ended", False]
    assert boxed.fifo.silent


def start_of(box: SystemdBox, pid: int) -> int:
    return int(
        box.python("import sys, rmcy; print(rmcy.UniqueProcess.from_pid(int(sys.argv[1])).start_time)", str(pid))
    )


def test_what_runs_under_its_name_is_taken_for_it(boxed: Boxed) -> None:
    """Somebody has started it again already: not a second one."""
    box = boxed.box
    pid = boxed.start([], "/", {})
    name = f"rmcy-{pid}-{start_of(box, pid)}.service"
    box.run("systemd-run", "-q", f"--unit={name}", "sleep", "infinity")
    (program,) = (item for item in boxed.stop(pid) if item.stopped)
    assert program.was_up
    assert program.now is not None
    assert program.now.pid == box.main_pid(name)
    assert boxed.fifo.silent
    box.stop(name)


def test_program_comes_back_after_each_patch(boxed: Boxed) -> None:
    box = boxed.box
    box.write(
        "/run/again.py",
        """
        import os, sys, rmcy
        rmcy.register_application_restart(
            sys.orig_argv[1:], environment={name: os.environ[name] for name in ("RMCY_FIFO", "PYTHONSAFEPATH")}
        )
        """
        + indented(REPORT),
    )
    fifo = f"RMCY_FIFO=/tmp/{boxed.fifo.path.name}"
    command = box.inside("env", fifo, "PYTHONSAFEPATH=1", sys.executable, "-I", "/run/again.py", "x y")
    with subprocess.Popen(command) as first:
        one = boxed.fifo.hear()
        two = boxed.restart(one["pid"])
        first.wait()
    three = boxed.restart(two["pid"])
    assert unit_of(two) != unit_of(three)
    assert texts(one)[1:] == texts(two)[1:] == texts(three)[1:] == [b"-I", b"/run/again.py", b"x y"]
    assert box.show(unit_of(two).rpartition("/")[2], "LoadState") == "not-found"
    end_unit(box, three)


STOP_AND_WAIT = """
import json, sys, rmcy
with rmcy.start() as session:
    session.register(processes=[rmcy.UniqueProcess.from_pid(int(sys.argv[1]))])
    stopped = session.shutdown()
    print("stopped", flush=True)
    sys.stdin.readline()
    try:
        stopped.restart(timeout=0.5)
        print("back", flush=True)
    except rmcy.RestartManagerError as error:
        print("late", flush=True)
    sys.stdin.readline()
    stopped.restart()
print(json.dumps(stopped.outcome.to_dict()))
"""


def test_while_systemd_hangs_nothing_is_started_twice(boxed: Boxed) -> None:
    """The call ends with its time; systemd may have been asked, or not, and may do it later."""
    box = boxed.box
    pid = boxed.start([], "/", {})
    command = box.inside(*box.python_command(STOP_AND_WAIT, str(pid)))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stopping:
        assert stopping.stdin is not None
        assert stopping.stdout is not None
        assert stopping.stdout.readline() == "stopped\n"
        box.freeze_manager()
        try:
            stopping.stdin.write("\n")
            stopping.stdin.flush()
            assert stopping.stdout.readline() == "late\n"
        finally:
            box.thaw_manager()
        said, _ = stopping.communicate("\n")
    (program,) = (item for item in rmcy.Outcome.from_dict(json.loads(said)) if item.stopped)
    report = boxed.fifo.hear()
    assert program.now is not None
    assert program.now.pid == report["pid"]
    assert boxed.fifo.silent
    end_unit(box, report)
