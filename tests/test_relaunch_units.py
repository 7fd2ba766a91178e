# SPDX-License-Identifier: MIT
"""Programs that come back as transient units of a real systemd."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

import pytest

import rmcy

from fix_relaunch import BYTES, ODD, REPORT, Fifo, Report, texts, variables
from fix_systemd import AS_USER, USER, SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

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


@contextmanager
def boxed_in(box: SystemdBox) -> Iterator[Boxed]:
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON}, the Python that other users can run")
    box.write("/run/report.py", REPORT)
    with Fifo(box.root / "tmp" / f"reports-{os.getpid()}") as fifo:
        boxed = Boxed(box, fifo)
        yield boxed
        for process in boxed.first:
            process.communicate()


@pytest.fixture
def boxed(user_manager: SystemdBox) -> Iterator[Boxed]:
    with boxed_in(user_manager) as boxed:
        yield boxed


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


def test_older_control_groups(older_box: SystemdBox) -> None:
    with boxed_in(older_box) as boxed:
        pid = boxed.start([], "/", {})
        report = boxed.restart(pid)
        assert any(f":/system.slice/rmcy-{pid}-" in line for line in report["cgroup"])
        # Again a program, and nobody's any more: this one has not registered.
        assert [item.down for item in boxed.stop(report["pid"]) if item.stopped] == [True]
