# SPDX-License-Identifier: MIT
"""`rmcy run`: programs are stopped, a command runs, they are back; each exit status by its real condition."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from rmcy import Phase, Progress
from rmcy.cli.child import run_command
from rmcy.cli.patch import Order, carry_out

from fix_cli import RMCY, Hold, cli_env, rmcy
from fix_comeback import Comebacks
from fix_process import lives
from fix_program import Program
from fix_run import TELL, read_report, run

pytestmark = pytest.mark.linux("its commands are a shell's, and it is about signals")


def test_programs_are_stopped_meanwhile_and_come_back(file: Path, comebacks: Comebacks, tmp_path: Path) -> None:
    pids = [comebacks.start(file), comebacks.start(file)]
    report = tmp_path / "report.json"
    done = run("--yes", "--report", report, file, "--", sys.executable, "-c", TELL, str(pids[0]), "out", stdin=b"")
    assert (done.returncode, done.stdout) == (0, b"stopped out\n"), done
    back = {comebacks.next(), comebacks.next()}
    assert all(map(lives, back))
    assert not any(map(lives, pids))
    outcome = read_report(report)
    assert outcome.ok
    assert outcome.phase is Phase.RESTART
    assert {p.process.pid for p in outcome.stopped if p.process} == set(pids)
    assert {p.now.pid for p in outcome.restarted if p.now} == back
    assert all(p.verified for p in outcome.restarted)
    for pid in (*pids, *back):
        assert re.search(rf"\b{pid}\b", done.stderr.decode())


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("true",), 0),
        (("sh", "-c", "exit 3"), 3),
        (("sh", "-c", "exit 121"), 121),
        (("sh", "-c", "kill -TERM $$"), 128 + signal.SIGTERM),
        (("sh", "-c", "kill -KILL $$"), 128 + signal.SIGKILL),
    ],
    ids=str,
)
def test_status_is_that_of_the_command(command: tuple[str, ...], status: int, file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    assert run("--yes", file, "--", *command).returncode == status
    assert lives(comebacks.next())


def test_status_is_known_also_where_the_ends_of_children_are_ignored(file: Path) -> None:
    done = rmcy("run", "--yes", file, "--", "sh", "-c", "exit 3", prefix=("env", "--ignore-signal=CHLD"))
    assert done.returncode == 3, done


def test_nobody_uses_the_files(file: Path) -> None:
    done = run("--yes", file, "--", "echo", "done")
    assert (done.returncode, done.stdout) == (0, b"done\n"), done


def test_command_that_is_not_there_is_127(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = run("--yes", file, "--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, b"")
    assert b"no-such-command" in done.stderr
    assert run("--yes", file, "--", file.parent / "absent").returncode == 127
    assert lives(holder.pid)


def test_command_that_cannot_be_executed_is_126(file: Path, hold: Hold) -> None:
    holder = hold(file)
    plain = file.parent / "plain"
    plain.write_text("no program")
    assert run("--yes", file, "--", plain).returncode == 126
    assert run("--yes", file, "--", file.parent).returncode == 126
    assert run("--yes", file, "--", "plain", PATH=f"{file.parent}:{os.environ['PATH']}").returncode == 126
    assert lives(holder.pid)


def test_command_that_turns_out_not_to_be_executable_is_126_and_all_is_back(file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    broken = file.parent / "broken"
    broken.write_bytes(b"\x7fELF and no more")
    broken.chmod(0o755)
    done = run("--yes", file, "--", broken)
    assert (done.returncode, done.stdout) == (126, b"")
    assert lives(comebacks.next())


@pytest.mark.parametrize(
    "args",
    [
        ["{file}", "--", "true"],  # nobody can be asked
        ["--yes", "{file}"],
        ["--yes", "{file}", "--"],
        ["--yes", "--no-such-option", "{file}", "--", "true"],
        ["--yes", "--timeout", "0", "{file}", "--", "true"],
        ["--yes", "--timeout", "nan", "{file}", "--", "true"],
        ["--yes", "--timeout", "inf", "{file}", "--", "true"],
        ["--yes", "--collect", "exit 3", "{file}", "--", "true"],
        ["--yes", "--plan", "{folder}/absent", "{file}", "--", "true"],
        ["--yes", "--plan", "{file}", "{file}", "--", "true"],
        ["--yes", "--plan", "{folder}/deep", "{file}", "--", "true"],
        ["--yes", "--report", "{folder}/absent/report", "{file}", "--", "true"],
        ["--yes", "{folder}", "--", "true"],
        ["--yes", "-0", "--", "true"],  # an empty name
    ],
    ids=" ".join,
)
def test_refusal_is_125_and_nothing_is_stopped(args: list[str], file: Path, hold: Hold) -> None:
    holder = hold(file)
    (file.parent / "deep").write_text("[" * 100_000)
    done = run(*(arg.format(file=file, folder=file.parent) for arg in args), stdin=b"x\0\0y\0")
    assert (done.returncode, done.stdout) == (125, b""), done
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert lives(holder.pid)


def test_time_over_before_anything_ran_is_124(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = run("--yes", "--timeout", "0.2", "--collect", "exec sleep 1000", file, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (124, b""), done
    assert lives(holder.pid)


def test_time_that_no_clock_can_wait_for(file: Path) -> None:
    done = run("--yes", "--timeout", "1e300", file, "--", "echo", "ran")
    assert (done.returncode, done.stdout, done.stderr.count(b"Traceback")) == (0, b"ran\n", 0), done


def test_time_over_ends_the_command_with_124_and_all_is_back(file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    done = run("--yes", "--timeout", "5", file, "--", "sh", "-c", "echo ran; exec sleep 1000")
    assert (done.returncode, done.stdout) == (124, b"ran\n"), done
    assert b"the time was over: sh was ended." in done.stderr
    assert lives(comebacks.next())


def test_command_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    # In this process, where the ten seconds in between can be made less.
    monkeypatch.setattr("rmcy.cli.child.GRACE", 0.1)
    ended = run_command(("sh", "-c", "trap '' TERM; exec sleep 1000"), os.environ, 0.5)
    assert (ended.status, ended.timed_out, ended.cut_short) == (128 + signal.SIGKILL, True, True)


def test_program_that_stays_away_is_121(file: Path, hold: Hold, tmp_path: Path) -> None:
    holder = hold(file)
    report = tmp_path / "report.json"
    done = run("--yes", "--report", report, file, "--", sys.executable, "-c", TELL, str(holder.pid))
    assert (done.returncode, done.stdout) == (121, b"stopped\n"), done
    assert f"({holder.pid}): not running any more; start by hand what is needed." in done.stderr.decode()
    outcome = read_report(report)
    assert not outcome.ok
    assert [p.process.pid for p in outcome.down if p.process] == [holder.pid]
    assert json.loads(report.read_text())["exit_status"] == 121


def order(file: Path, force: bool = False) -> Order:
    """`rmcy run --yes FILE -- true`."""
    return Order(
        files=(str(file),),
        null=False,
        collect=(),
        plan_file=None,
        yes=True,
        dry_run=False,
        report_file=None,
        timeout=None,
        command=("true",),
        force=force,
    )


FORKS = """
import os, signal, sys
held = open(sys.argv[1], "rb")
def fork(number, frame):
    if os.fork() == 0:
        signal.signal(number, signal.SIG_DFL)
        os.write(1, b"forked\\n")
        while True:
            signal.pause()
    os._exit(0)
signal.signal(signal.SIGTERM, fork)
print("ready", flush=True)
"""


def test_what_a_program_starts_when_it_is_asked_to_end_is_stopped_too(
    held: Path, run_program: Callable[..., Program]
) -> None:
    program = run_program(FORKS, str(held))
    done = run("--yes", held, "--", *RMCY, "who", "--json", held)
    assert program.process.stdout is not None
    assert program.process.stdout.readline() == "forked\n"
    assert json.loads(done.stdout)["apps"] == [], done


# In this process, where the thirty seconds that a program has to end can be made less.
def test_program_that_does_not_end_is_125_and_all_is_back(
    held: Path,
    stubborn: Program,
    comebacks: Comebacks,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    comebacks.start(held)
    monkeypatch.setattr("rmcy.acting.APP_TIMEOUT", 0.2)
    assert carry_out(order(held)) == 125
    assert f"({stubborn.pid}): not in time" in capfd.readouterr().err
    assert lives(comebacks.next())
    assert lives(stubborn.pid)


def test_force_kills_what_does_not_end(
    held: Path, stubborn: Program, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rmcy.acting.APP_TIMEOUT", 0.2)
    assert carry_out(order(held, force=True)) == 121
    assert re.search(rf"^ *{stubborn.pid} .* killed, NOT BACK: ", capfd.readouterr().err, re.MULTILINE)


def test_ending_rmcy_waits_until_all_is_back(
    held: Path, comebacks: Comebacks, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    comebacks.start(held)

    def end(progress: Progress) -> None:
        if progress.phase is Phase.RESTART:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("rmcy.cli.stopping.showing", lambda _what: nullcontext(end))
    assert carry_out(order(held)) == 0
    assert "rmcy ends when that is done" in capfd.readouterr().err
    assert lives(comebacks.next())


def test_time_over_while_stopping_is_124_and_all_is_back(held: Path, stubborn: Program, comebacks: Comebacks) -> None:
    comebacks.start(held)
    done = run("--yes", "--timeout", "3", held, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (124, b""), done
    assert lives(comebacks.next())
    assert lives(stubborn.pid)


def test_status_of_the_command_goes_before_121(file: Path, hold: Hold) -> None:
    hold(file)
    assert run("--yes", file, "--", "sh", "-c", "exit 7").returncode == 7


def test_report_tells_of_a_refusal(file: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("--report", report, file, "--", "true")
    assert done.returncode == 125
    document = json.loads(report.read_text())
    assert (document["schema"], document["programs"], document["exit_status"]) == ("rmcy.outcome/1", [], 125)
    assert document["command_status"] is None
    assert "--yes" in document["error"]["message"]


def test_report_that_cannot_be_written_changes_no_status(file: Path) -> None:
    done = run("--yes", "--report", "/dev/full", file, "--", "sh", "-c", "echo ran; exit 5")
    assert (done.returncode, done.stdout) == (5, b"ran\n")
    assert b"the report could not be written" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1])
def test_signals_are_the_commands(number: signal.Signals, file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    trap = f"trap 'kill $!; echo {number.name}; exit 9' {number}; sleep 1000 & echo ready; wait"
    command = ["setsid", *RMCY, "run", "--yes", file, "--", "bash", "-c", trap]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=cli_env()) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(number)
        assert child.stdout.readline() == f"{number.name}\n".encode()
        assert child.wait() == 9
    assert lives(comebacks.next())


def test_progress_is_lines_elsewhere(file: Path, comebacks: Comebacks) -> None:
    pid = comebacks.start(file)
    done = run("--yes", file, "--", "true")
    assert re.search(rf"^rmcy: stopping .*\({pid}\): \d+ %\.$", done.stderr.decode(), re.MULTILINE)
    assert re.search(r"^rmcy: bringing back .*: \d+ %\.$", done.stderr.decode(), re.MULTILINE)
    assert b"\x1b" not in done.stderr
    assert lives(comebacks.next())
