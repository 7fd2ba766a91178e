# SPDX-License-Identifier: MIT
"""Services of a real systemd, stopped and brought back from Python, also while somebody presses Ctrl-C."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fix_systemd import SystemdBox

pytestmark = pytest.mark.linux("units are systemd's")

RUNS = """
    [Service]
    Type=exec
    ExecStart=sleep infinity
"""
# From the second start on it says that it starts, and is not up before it is told to go on.
SLOW = """
    [Service]
    Type=notify
    NotifyAccess=all
    ExecStart=sh -c 'if [ -e /run/slow/up ]; then echo starting >/run/slow/said; read word </run/slow/go; fi; \\
        touch /run/slow/up; systemd-notify --ready; exec sleep infinity'
"""
STOPS = """
    import json, sys, rmcy
    with rmcy.start() as session:
        session.register(services=sys.argv[1:])
        plan = session.plan()
        with session.shutdown(plan) as stopped:
            during = stopped.outcome.to_dict()
        print(json.dumps([plan.to_dict(), during, stopped.outcome.to_dict()]))
"""
INTERRUPTED = """
    import os, signal, sys, rmcy
    def caught(number, frame):
        print("caught", flush=True)
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, caught)
    print(os.getpid(), flush=True)
    with rmcy.start() as session:
        session.register(services=sys.argv[1:])
        stopped = session.shutdown()
        try:
            with stopped:
                pass
        except KeyboardInterrupt:
            print("interrupted", len(stopped.outcome.down), flush=True)
    print("closed", len(stopped.outcome.down), stopped.outcome.phase, flush=True)
"""


class Units:
    """Units of one test, started; they end with it."""

    def __init__(self, box: SystemdBox, stack: ExitStack) -> None:
        self.box = box
        self.stack = stack

    def start(self, name: str, text: str) -> int:
        self.box.write_unit(name, text)
        self.stack.callback(self.box.run, "systemctl", "stop", name)
        return self.box.start(name)

    def python(self, source: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a program inside; it ends with the test."""
        command = self.box.inside(*self.box.python_command(source, *arguments))
        program = self.stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        self.stack.callback(program.kill)
        return program


@pytest.fixture
def units(systemd_box: SystemdBox) -> Iterator[Units]:
    systemd_box.run("systemctl", "start", "dbus.service")
    with ExitStack() as stack:
        yield Units(systemd_box, stack)


def test_a_service_is_stopped_and_seen_to_be_back(units: Units) -> None:
    before = units.start("back.service", RUNS)
    documents: list[dict[str, Any]] = json.loads(units.box.python(STOPS, "back.service"))
    plan, during, after = documents
    (step,) = plan["steps"]
    assert (step["service"], step["action"], step["back"]) == ("back.service", "unit", "unit")
    assert step["process"]["pid"] == before
    (program,) = during["programs"]
    assert (program["stopped"], program["restarted"], during["phase"]) == (True, False, "shutdown")
    (program,) = after["programs"]
    assert (after["ok"], after["phase"]) == (True, "restart")
    assert (program["restarted"], program["verified"]) == (True, True)
    assert program["now"]["pid"] == units.box.main_pid("back.service") != before


@pytest.fixture
def slow(units: Units) -> Units:
    """A service whose second start waits for the test."""
    units.box.run("mkdir", "/run/slow")
    units.stack.callback(units.box.run, "rm", "-r", "/run/slow")
    units.box.run("mkfifo", "/run/slow/said", "/run/slow/go")
    units.start("slow.service", SLOW)
    return units


def starts(units: Units) -> bool:
    """Wait until the service is being started."""
    return (units.box.root / "run/slow/said").read_text() == "starting\n"


def go(units: Units) -> None:
    Path(units.box.root / "run/slow/go").write_text("go\n")


def test_one_ctrl_c_does_not_end_a_restart(slow: Units) -> None:
    program = slow.python(INTERRUPTED, "slow.service")
    assert program.stdout is not None
    pid = program.stdout.readline().strip()
    assert starts(slow)
    slow.box.run("kill", "-INT", pid)
    assert program.stdout.readline() == "caught\n"
    go(slow)
    assert program.stdout.readline() == "interrupted 0\n"
    assert program.stdout.readline() == "closed 0 restart\n"
    assert program.wait() == 0


def test_a_second_ctrl_c_does_and_the_session_tries_again(slow: Units) -> None:
    program = slow.python(INTERRUPTED, "slow.service")
    assert program.stdout is not None
    pid = program.stdout.readline().strip()
    assert starts(slow)
    for _ in range(2):
        slow.box.run("kill", "-INT", pid)
        assert program.stdout.readline() == "caught\n"
    # It comes out although the service is not up, and the end of the session goes on waiting for that.
    assert program.stdout.readline() == "interrupted 1\n"
    go(slow)
    assert program.stdout.readline() == "closed 0 restart\n"
    assert program.wait() == 0
    assert slow.box.show("slow.service", "ActiveState") == "active"
