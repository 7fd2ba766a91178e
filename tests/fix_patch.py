# SPDX-License-Identifier: MIT
"""A patch inside the box: a program of rmcy's that stops services, waits for the test, and brings them back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self, cast

import pytest

from rmcy.schema import OutcomeDict, PlanDict, PlanStepDict, ProgramOutcomeDict

from fix_systemd import SystemdBox

PATCH = """
    import json, sys, rmcy
    services, files, how = json.loads(sys.argv[1])
    def say(document):
        print(json.dumps(document), flush=True)
    with rmcy.start() as session:
        session.register(files=files, services=services)
        say(session.plan(timeout=how.get("timeout")).to_dict())
        stopped = session.shutdown(partial_ok=True, **how)
        say(stopped.outcome.to_dict())
        sys.stdin.readline()
        try:
            stopped.restart()
        except rmcy.RestartIncompleteError:
            pass
        say(stopped.outcome.to_dict())
"""


class Patch:
    """One such program. It begins at once; `with` waits until it has stopped what it is to stop, and ends it."""

    def __init__(
        self,
        box: SystemdBox,
        *services: str,
        files: Sequence[str] = (),
        before: Sequence[str] = (),
        **how: float | bool,
    ) -> None:
        """`before`: in front of the command. `how`: for shutdown()."""
        command = box.inside(*before, *box.python_command(PATCH, json.dumps([services, files, how])))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._steps: list[PlanStepDict] | None = None
        self._stopped: list[ProgramOutcomeDict] | None = None

    def __enter__(self) -> Self:
        _ = self.stopped
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate("\n" if self._process.returncode is None else None)
        assert kind or self._process.returncode == 0

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program has ended"
        return line

    @property
    def steps(self) -> dict[str, PlanStepDict]:
        """The plan, by unit."""
        if self._steps is None:
            self._steps = cast(PlanDict, json.loads(self._line()))["steps"]
        return {step["service"] or "": step for step in self._steps}

    @property
    def stopped(self) -> dict[str, ProgramOutcomeDict]:
        """What the stop has come to, by unit."""
        _ = self.steps
        if self._stopped is None:
            self._stopped = cast(OutcomeDict, json.loads(self._line()))["programs"]
        return {program["service"] or "": program for program in self._stopped}

    def finish(self) -> dict[str, ProgramOutcomeDict]:
        """Have everything brought back; what has come of it, by unit."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        programs = cast(OutcomeDict, json.loads(self._line()))["programs"]
        return {program["service"] or "": program for program in programs}


SLEEPS = "[Service]\nType=exec\nExecStart=sleep infinity\n"


class PatchedUnits:
    """The units of one test; they end with it."""

    def __init__(self, box: SystemdBox) -> None:
        self.box = box
        self._written: list[str] = []

    def write(self, **units: str) -> None:
        """Write unit files; a `__` in a keyword is a dot."""
        self.write_as({name.replace("__", "."): text for name, text in units.items()})

    def write_as(self, units: dict[str, str]) -> None:
        for name, text in units.items():
            self.box.write(f"/run/systemd/system/{name}", text)
            self._written.append(name)
        self.box.run("systemctl", "daemon-reload")

    def start(self, *units: str) -> None:
        self.box.run("systemctl", "start", *units)

    def states(self, *units: str) -> list[str]:
        return self.box.run("systemctl", "is-active", *units, check=False).split()

    def end(self) -> None:
        patterns = [name.replace("@.", "@*.") for name in self._written]
        self.box.run("systemctl", "stop", *(name for name in patterns if not name.endswith("@*.service")), check=False)
        self.box.run("systemctl", "stop", *patterns, check=False)
        self.box.run("systemctl", "reset-failed", *patterns, check=False)
        self.box.run("rm", "-f", *(f"/run/systemd/system/{name}" for name in self._written))
        self.box.run("systemctl", "daemon-reload")


@pytest.fixture
def patched(systemd_box: SystemdBox) -> Iterator[PatchedUnits]:
    systemd_box.run("systemctl", "start", "dbus.service")
    units = PatchedUnits(systemd_box)
    yield units
    units.end()
