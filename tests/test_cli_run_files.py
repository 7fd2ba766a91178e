# SPDX-License-Identifier: MIT
"""What `rmcy run` is to free: from a list, from installers that register, from a plan, or only to be shown."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fix_cli import Hold, rmcy
from fix_comeback import Comebacks
from fix_process import lives
from fix_run import TELL, read_report, run

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")

# Registers a file, as an installer would.
REGISTER = f"{sys.executable} -P -m rmcy register"


def test_list_on_standard_input(file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    done = run("--yes", "-", "--", "cat", stdin=bytes(file) + b"\n")
    assert (done.returncode, done.stdout) == (0, b"")
    assert lives(comebacks.next())


def test_collect_registers_by_the_key_in_the_environment(tmp_path: Path, comebacks: Comebacks) -> None:
    paths = [tmp_path / "one", tmp_path / "two"]
    pids = []
    for path in paths:
        path.touch()
        pids.append(comebacks.start(path))
    lines = [arg for path in paths for arg in ("--collect", f"{REGISTER} {path}")]
    done = run("--yes", *lines, "--", sys.executable, "-c", TELL, str(pids[1]))
    # What the lines print is no part of the command's output.
    assert (done.returncode, done.stdout) == (0, b"stopped\n"), done
    assert done.stderr.count(b"Registered 1 file.") == 2
    assert all(lives(comebacks.next()) for _ in pids)
    assert not any(map(lives, pids))


def test_key_is_in_the_environment_only(file: Path) -> None:
    source = """
import os, pathlib
print(os.environ["RMCY_SESSION_KEY"], pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_bytes())
"""
    done = run("--yes", file, "--", sys.executable, "-c", source)
    key, _, arguments = done.stdout.decode().partition(" ")
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert key not in arguments + done.stderr.decode()


def test_what_the_command_registers_is_dealt_with_when_it_ends(
    file: Path, comebacks: Comebacks, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.touch()
    pids = [comebacks.start(file), comebacks.start(other)]
    report = tmp_path / "report.json"
    line = f"{REGISTER} {other} >&2; {sys.executable} -c '{TELL}' {pids[1]}"
    done = run("--yes", "--report", report, file, "--", "sh", "-c", line)
    # It runs while the command does, and is another one afterwards.
    assert (done.returncode, done.stdout) == (0, b"runs\n"), done
    back = {comebacks.next(), comebacks.next()}
    assert all(map(lives, back))
    assert not any(map(lives, pids))
    outcome = read_report(report)
    assert outcome.ok
    assert {p.process.pid for p in outcome.restarted if p.process} == set(pids)


def test_plan_is_kept_to(file: Path, comebacks: Comebacks, tmp_path: Path) -> None:
    planned = comebacks.start(file)
    plan = tmp_path / "plan.json"
    plan.write_bytes(rmcy("plan", "--json", file).stdout)
    newcomer = comebacks.start(file)
    done = run("--plan", plan, file, "--", sys.executable, "-c", TELL, str(planned))
    assert (done.returncode, done.stdout) == (0, b"stopped\n"), done
    assert lives(comebacks.next())
    assert lives(newcomer)
    assert str(newcomer).encode() in done.stderr


def test_plan_alone_names_the_programs(file: Path, comebacks: Comebacks, tmp_path: Path) -> None:
    planned = comebacks.start(file)
    plan = tmp_path / "plan.json"
    plan.write_bytes(rmcy("plan", "--json", file).stdout)
    done = run("--plan", plan, "--", sys.executable, "-c", TELL, str(planned))
    assert (done.returncode, done.stdout) == (0, b"stopped\n"), done
    assert lives(comebacks.next())


def test_what_has_gone_since_it_was_planned_is_told(file: Path, hold: Hold, tmp_path: Path) -> None:
    holder = hold(file)
    plan = tmp_path / "plan.json"
    plan.write_bytes(rmcy("plan", "--json", file).stdout)
    holder.kill()
    holder.wait()
    done = run("--plan", plan, file, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (0, b"ran\n"), done
    told = b" ".join(done.stderr.split())
    assert b"(%d)" % holder.pid in told, done
    assert b"in the plan, but not in use any more" in told, done


@pytest.mark.parametrize("command", [("--", "echo", "ran"), ()], ids=["command", "none"])
def test_dry_run_shows_the_plan_and_does_nothing(command: tuple[str, ...], file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = run("--dry-run", file, *command)
    assert done.returncode == 0, done
    assert str(holder.pid) in done.stdout.decode()
    assert b"ran" not in done.stdout
    assert lives(holder.pid)
