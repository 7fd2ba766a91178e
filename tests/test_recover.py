# SPDX-License-Identifier: MIT
"""A primary is killed while it stops programs, during the patch, or while it brings them back: recovery does the rest.

So it does when a recovery was killed. Each is killed at every point in turn: its callback, which the engine waits for,
says that it is there, and waits for the kill.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Literal, TypeAlias

import pytest

from fix_systemd import SystemdBox

pytestmark = pytest.mark.linux("Windows keeps no account of what a dead session stopped")

Stage: TypeAlias = Literal["shutdown", "patch", "restart", "recover"]

STAGES = pytest.mark.parametrize("stage", ["shutdown", "patch", "restart", "recover"])

# A program that holds the file $1, registers how to be started again, and says into $1.started, a FIFO, that it is
# ready.
PROGRAM = """
    import ctypes, os, signal, sys, rmcy

    class Relaunch(ctypes.Structure):
        _fields_ = [
            ("size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("arguments", ctypes.POINTER(ctypes.c_char_p)),
            ("argument_count", ctypes.c_uint32), ("environment_count", ctypes.c_uint32),
            ("environment", ctypes.POINTER(ctypes.c_char_p)), ("directory", ctypes.c_char_p),
        ]

    held = open(sys.argv[1])
    arguments = (ctypes.c_char_p * 2)(*map(os.fsencode, (__file__, sys.argv[1])))
    environment = (ctypes.c_char_p * 1)(b"PYTHONSAFEPATH=1")
    how = Relaunch(ctypes.sizeof(Relaunch), 0, arguments, 2, 1, environment, b"/")
    code = ctypes.CDLL(rmcy.backend_info().library).RmxRegisterApplicationRestart(ctypes.byref(how))
    assert code == 0, code
    with open(sys.argv[1] + ".started", "w") as started:
        print(os.getpid(), file=started)
    signal.pause()
"""

# Stops what holds the files and brings it back, or recovers. $1: the stage at which it waits for its death, $2: at
# which callback; what follows: the files.
PRIMARY = """
    import ctypes, sys, rmcy

    def wait_for_death():
        print("here", flush=True)
        sys.stdin.read()

    where, count, *files = sys.argv[1:]
    left = int(count)
    stage = "shutdown"

    @ctypes.CFUNCTYPE(None, ctypes.c_uint)
    def status(percent):
        global left
        if stage == where:
            left -= 1
            if left == 0:
                wait_for_death()

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
    def progress(context, phase, percent, item):
        status(percent)

    library = ctypes.CDLL(rmcy.backend_info().library)
    if where == "recover":
        stage = "recover"
        code = library.RmxRecover(0, progress, None, 100_000, None)
        assert code == 0, code
        print("through", flush=True)
        sys.exit()
    session = rmcy.start(label="the dead")
    session.register(files)
    code = library.RmShutdown(session.handle, 0, status)
    assert code == 0, code
    if where == "patch":
        wait_for_death()
    stage = "restart"
    code = library.RmRestart(session.handle, 0, status)
    assert code == 0, code
    session.close()
    print("through", flush=True)
"""

# The primary dies in one place after the other; each time what it has stopped must be up again, and once.
STORY = """
    import os, subprocess, sys, warnings
    import rmcy

    class Program:
        "One that registers itself; it may be started again by anybody."

        def __init__(self, name):
            self.name = name
            with open(name, "w") as file:
                file.write("x")
            os.mkfifo(name + ".started")
            # Open for both, so that nobody waits for the other to open it, and no end is read.
            self.started = open(os.open(name + ".started", os.O_RDWR))
            children.append(subprocess.Popen([sys.executable, f"{here}/program.py", name]))
            self.ready = int(self.started.readline())

        def running(self):
            found = []
            for entry in os.listdir("/proc"):
                if entry.isdecimal():
                    try:
                        with open(f"/proc/{entry}/cmdline", "rb") as line:
                            words = line.read().split(b"\\0")
                    except OSError:
                        continue  # it has ended
                    if words[-3:-1] == [f"{here}/program.py".encode(), self.name.encode()]:
                        found.append(int(entry))
            return found

        def check(self):
            (pid,) = self.running()
            while self.ready != pid:
                self.ready = int(self.started.readline())
            assert [app.process.pid for app in rmcy.who(self.name)] == [pid]

    children = []

    def killed(stage, count, files):
        "Whether it came so far as to be killed."
        if stage == "recover":
            killed("patch", 1, files)
        command = [sys.executable, "-c", primary, stage, str(count), *files]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            said = process.stdout.readline().strip()
            assert said in ("here", "through"), said
            if said == "here":
                process.kill()
        return said == "here"

    def stopped():
        return sum(info.stopped for info in rmcy.sessions())

    def is_warned_of():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rmcy.start().close()
        assert [warning.category for warning in caught] in ([], [rmcy.LeftStoppedWarning]), caught
        return bool(caught) and "rmcy recover" in str(caught[0].message)

    def run(things):
        most = kills = 0
        while killed(stage, kills + 1, [thing.name for thing in things if thing.name]):
            kills += 1
            left = stopped()
            most = max(most, left)
            assert is_warned_of() == (left > 0), left
            outcome = rmcy.recover()
            assert len(outcome) == left, (kills, left, outcome)
            for thing in things:
                thing.check()
            # It is over.
            assert stopped() == 0 and len(rmcy.recover()) == 0 and not is_warned_of()
            if stage == "patch" and kills == 2:
                break
        for thing in things:
            thing.check()
        assert stopped() == 0
        assert most >= len(things), most
        print(kills)
"""

ALONE = """
    stage, here, primary = sys.argv[1:]
    run([Program(f"{here}/{n}") for n in range(3)])
    for child in children:
        child.wait()
"""

# /run of its own, and a process 1 of its own, with which all ends.
WORLD = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
MOUNT = 'mount -t tmpfs tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /dev/shm && "$@"; exit $?'


def story(*parts: str) -> str:
    return "\n".join(dedent(part) for part in parts)


UNITS = """
    class Unit:
        "One that holds a file, or holds none and goes down with one that does."

        def __init__(self, unit, name=None):
            self.unit, self.name, self.ready = unit, name, 0
            if name:
                with open(name, "w") as file:
                    file.write("x")
                os.mkfifo(name + ".started")
                self.started = open(os.open(name + ".started", os.O_RDWR))
            self.ask("start")
            self.check()

        def ask(self, *command):
            return subprocess.run(["systemctl", *command, self.unit], stdout=subprocess.PIPE, text=True).stdout.strip()

        def check(self):
            assert self.ask("is-active") == "active", self.unit
            if not self.name:
                return
            pid = int(self.ask("show", "--value", "-p", "MainPID"))
            while pid and self.ready != pid:
                self.ready = int(self.started.readline())
            users = rmcy.who(self.name)
            assert [app.service for app in users] == [self.unit]
            assert not pid or users[0].process.pid == pid

    things = [
        Unit("simple.service", f"{here}/simple"),
        Unit("dependent.service"),
        Unit("tick.timer"),
        Unit("plug.socket"),
        Unit("plug.service", f"{here}/plug"),
        Unit("remaining.service", f"{here}/remaining"),
        Program(f"{here}/program"),
    ]
    run(things)
    for unit in things[:-1]:
        unit.ask("stop")
"""

# $1: a file; hold it, and say so.
HOLDER = """#!/bin/sh
    exec 9<"$1"
    echo $$ >"$1.started"
    exec sleep infinity
"""


def write_units(box: SystemdBox, here: str) -> None:
    box.write(f"{here}/holder", HOLDER)
    box.write(f"{here}/program.py", PROGRAM)
    box.write_unit("simple.service", f"[Service]\nExecStart=/bin/sh {here}/holder {here}/simple\n")
    box.write_unit(
        "dependent.service",
        "[Unit]\nRequires=simple.service\nAfter=simple.service\n[Service]\nExecStart=sleep infinity\n",
    )
    box.write_unit("tick.timer", "[Timer]\nOnActiveSec=1d\nUnit=simple.service\n")
    box.write_unit("plug.socket", f"[Socket]\nListenStream={here}/socket\n")
    box.write_unit("plug.service", f"[Service]\nExecStart=/bin/sh {here}/holder {here}/plug\n")
    hold = f"/bin/sh -c '/bin/sh {here}/holder {here}/remaining &'"
    box.write_unit("remaining.service", f"[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart={hold}\n")


@STAGES
def test_programs_come_back_without_a_service_manager(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(dedent(PROGRAM))
    python = (sys.executable, "-W", "error", "-c")
    done = subprocess.run(
        [*WORLD, "sh", "-c", MOUNT, "sh", *python, story(STORY, ALONE), stage, str(tmp_path), dedent(PRIMARY)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONSAFEPATH": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)


@STAGES
def test_units_and_programs_come_back(stage: Stage, systemd_box: SystemdBox) -> None:
    here = f"/opt/recover-{stage}"
    write_units(systemd_box, here)
    print(systemd_box.python(story(STORY, "stage, here, primary = sys.argv[1:]", UNITS), stage, here, dedent(PRIMARY)))
