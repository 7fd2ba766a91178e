# SPDX-License-Identifier: MIT
"""`rmcy plan`: what a stop would do; each exit status by its real condition."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

from rmcy import ComeBack, Plan, PlanStep, RebootReason, StopAction, StopCause
from rmcy.cli.plan import PlanStatus, judge

from fix_cli import RMCY, Hold, cli_env, rmcy
from fix_comeback import Comebacks
from fix_process import lives
from fix_systemd import SystemdBox

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")


def test_program_that_would_be_lost_is_4(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("plan", file)
    assert done.returncode == 4, done
    (row,) = [line for line in done.stdout.decode().splitlines() if str(holder.pid) in line]
    assert row.endswith("asked to end  DOES NOT COME BACK")
    assert f"({holder.pid}): would not come back" in done.stderr.decode()
    assert lives(holder.pid)


def test_program_that_registered_would_come_back(file: Path, comebacks: Comebacks) -> None:
    pid = comebacks.start(file)
    done = rmcy("plan", file)
    (row,) = [line for line in done.stdout.decode().splitlines() if str(pid) in line]
    assert row.endswith("asked to end  comes back")
    assert b"would not come back" not in done.stderr
    # Somebody's processes may not be inspected almost everywhere.
    assert done.returncode in (PlanStatus.RETURNING, PlanStatus.INCOMPLETE), done
    assert (done.returncode == PlanStatus.INCOMPLETE) == (b"the plan is incomplete" in done.stderr)
    assert lives(pid)


def test_nobody_but_incomplete_is_3(file: Path, unprivileged: Sequence[str]) -> None:
    done = rmcy("plan", file, prefix=unprivileged)
    assert done.returncode == 3, done
    assert b"Nobody was found" in done.stdout
    assert b"the plan is incomplete" in done.stderr


def test_who_started_rmcy_is_left_alone(file: Path) -> None:
    with open(file, "rb"):
        done = rmcy("plan", file)
    assert done.returncode == 4, done
    (row,) = [line for line in done.stdout.decode().splitlines() if str(os.getpid()) in line]
    assert row.endswith("left alone  it started rmcy")


def test_what_goes_down_with_a_service_is_in_the_plan(systemd_box: SystemdBox) -> None:
    box = systemd_box
    box.write("/opt/planned", "data")
    box.write_unit(
        "planned.service", "[Service]\nType=exec\nExecStart=sleep infinity\nStandardInput=file:/opt/planned\n"
    )
    box.write_unit(
        "leaning.service",
        "[Unit]\nRequires=planned.service\nAfter=planned.service\n[Service]\nExecStart=sleep infinity\n",
    )
    box.start("leaning.service")
    try:
        shown = box.run(*RMCY, "plan", "/opt/planned", check=False)
    finally:
        box.stop("planned.service", "leaning.service")
    rows = {line.split()[2]: line for line in shown.splitlines()}
    assert rows["planned"].endswith("stopped      comes back")
    assert rows["leaning"].endswith("stopped too  comes back")


def test_missing_file_that_nobody_uses_is_2(tmp_path: Path) -> None:
    done = rmcy("plan", tmp_path / "absent")
    assert done.returncode == 2
    assert b"absent" in done.stderr


def test_directory_is_2_and_named(tmp_path: Path) -> None:
    done = rmcy("plan", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert str(tmp_path).encode() in done.stderr


@pytest.mark.parametrize("args", [[], ["-"], ["--no-such-option", "x"]], ids=" ".join)
def test_no_file_at_all_is_2(args: list[str]) -> None:
    assert rmcy("plan", *args).returncode == 2


def test_json_is_the_plan(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("plan", "--json", "--force", file)
    assert (done.returncode, done.stderr) == (4, b"")
    data = json.loads(done.stdout)
    plan = Plan.from_dict(data)
    assert plan.to_dict() == data
    assert plan.force
    (step,) = plan
    assert step.process is not None
    assert (step.process.pid, step.action, step.back) == (holder.pid, StopAction.SIGNAL, ComeBack.NO)


def test_rmcy_itself_is_no_step() -> None:
    # It runs the same Python as this process does.
    command = [*RMCY, "plan", "--json", os.path.realpath(sys.executable)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=cli_env()) as planning:
        plan = Plan.from_dict(json.loads(planning.communicate()[0]))
    pids = {step.process.pid for step in plan if step.process}
    assert os.getpid() in pids
    assert planning.pid not in pids
    assert all(step.because is None or step.because < len(plan) for step in plan)


def test_json_error(tmp_path: Path) -> None:
    done = rmcy("plan", "--json", tmp_path)
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["schema"] == "rmcy.error/1"


def test_hostile_names_at_80_columns_in_the_c_locale(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "bad\n\x1b[31mname"
    path.touch()
    programs = [hold(path) for _ in range(3)]
    done = rmcy("plan", path, COLUMNS="80", LC_ALL="C")
    assert max(map(cell_len, done.stdout.decode("ascii").splitlines())) <= 80
    assert not re.search(rb"[^\n -~]", done.stdout + done.stderr)
    assert len(done.stdout.splitlines()) == 1 + len(programs)


STOPS = PlanStep(name="x", action=StopAction.UNIT, back=ComeBack.UNIT)
LOST = PlanStep(name="x", action=StopAction.SIGNAL)
CRITICAL = PlanStep(name="x", cause=StopCause.CRITICAL)


# On a machine whose process 1 may not be inspected, or in a container, no plan is complete: so what only complete ones
# come to is shown by plans that nobody made.
@pytest.mark.parametrize(
    ("plan", "status"),
    [
        (Plan([STOPS], complete=True), 0),
        (Plan(complete=True), 1),
        (Plan(complete=False), 3),
        (Plan([STOPS], complete=False), 3),
        (Plan([STOPS, LOST], complete=True), 4),
        (Plan([STOPS, LOST], complete=False), 4),
        (Plan([STOPS, CRITICAL], complete=True), 4),
        (Plan([STOPS], complete=True, reboot_reasons=RebootReason.CRITICAL_SERVICE), 4),
    ],
)
def test_what_a_plan_comes_to(plan: Plan, status: int) -> None:
    assert judge(plan) == status
