# SPDX-License-Identifier: MIT
"""`rmcy who`: each exit status by its real condition, JSON, lists on standard input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rmcy import AffectedList, RebootReason, UseKind

from fix_cli import RMCY, Hold, cli_env, rmcy

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")


def test_somebody_is_0(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("who", file)
    assert done.returncode == 0, done
    (row,) = [line for line in done.stdout.decode().splitlines() if str(holder.pid) in line]
    assert "open" in row
    assert str(file) in row


def test_nobody_and_complete_is_1(file: Path, alone: Sequence[str]) -> None:
    done = rmcy("who", "--mine", file, prefix=alone)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"Nobody uses this.\n", b"")


def test_nobody_and_a_missing_file_is_2(file: Path, tmp_path: Path) -> None:
    done = rmcy("who", "--mine", file, tmp_path / "absent")
    assert done.returncode == 2
    assert b"absent" in done.stderr


def test_missing_file_can_be_ignored(file: Path, tmp_path: Path, alone: Sequence[str]) -> None:
    done = rmcy("who", "--mine", "--ignore-missing", file, tmp_path / "absent", prefix=alone)
    assert (done.returncode, done.stderr) == (1, b"")


def test_somebody_and_a_missing_file_is_0_with_a_note(file: Path, tmp_path: Path, hold: Hold) -> None:
    hold(file)
    done = rmcy("who", "--mine", file, tmp_path / "absent")
    assert done.returncode == 0
    assert b"absent" in done.stderr


def test_nobody_but_incomplete_is_3(file: Path, unprivileged: Sequence[str]) -> None:
    done = rmcy("who", file, prefix=unprivileged)
    assert done.returncode == 3, done
    assert b"Nobody was found" in done.stdout
    assert re.search(rb"incomplete: .*\d+ process(es)? may not be inspected", done.stderr)


def test_directory_is_2_and_named(tmp_path: Path) -> None:
    done = rmcy("who", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert str(tmp_path).encode() in done.stderr


def test_recursive_asks_about_every_file_below(tmp_path: Path, hold: Hold) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "data").touch()
    holder = hold(deep / "data")
    done = rmcy("who", "--recursive", "--json", tmp_path)
    assert done.returncode == 0, done
    assert [app.process.pid for app in AffectedList.from_dict(json.loads(done.stdout))] == [holder.pid]


def test_recursive_into_an_empty_directory_finds_nobody(tmp_path: Path) -> None:
    assert rmcy("who", "--recursive", "--mine", tmp_path).returncode == 1


@pytest.mark.parametrize("args", [[], ["--no-such-option", "x"], ["-"], ["-0"]], ids=" ".join)
def test_no_file_at_all_is_2(args: list[str]) -> None:
    done = rmcy("who", *args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Error: " in done.stderr


def test_json_is_the_answer(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("who", "--json", file)
    data = json.loads(done.stdout)
    affected = AffectedList.from_dict(data)
    assert affected.to_dict() == data
    (app,) = affected
    assert app.process.pid == holder.pid
    assert app.uses is not None
    assert [(use.path, use.kind) for use in app.uses] == [(str(file), UseKind.OPEN)]


def test_json_error(tmp_path: Path) -> None:
    done = rmcy("who", "--json", tmp_path)
    assert (done.returncode, done.stderr) == (2, b"")
    error = json.loads(done.stdout)
    assert error["schema"] == "rmcy.error/1"
    assert str(tmp_path) in error["message"]


def test_json_of_nobody_and_a_missing_file(tmp_path: Path) -> None:
    done = rmcy("who", "--json", "--mine", tmp_path / "absent")
    assert done.returncode == 2
    affected = AffectedList.from_dict(json.loads(done.stdout))
    assert affected.missing == (str(tmp_path / "absent"),)


def test_rmcy_itself_is_left_out() -> None:
    # It runs the same Python as this process does, so the answer names this process and could name itself.
    command = [*RMCY, "who", "--json", "--mine", os.path.realpath(sys.executable)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=cli_env()) as asking:
        data = json.loads(asking.communicate()[0])
    affected = AffectedList.from_dict(data)
    pids = {app.process.pid for app in affected}
    assert os.getpid() in pids
    assert asking.pid not in pids
    assert RebootReason.DETECTED_SELF not in affected.reboot_reasons
    assert affected.to_dict() == data


def test_list_of_lines(tmp_path: Path, hold: Hold) -> None:
    names = [tmp_path / name for name in ("one", "two three", " four ")]
    for name in names:
        name.touch()
    holders = [hold(names[1]), hold(names[2])]
    done = rmcy("who", "--json", "-", stdin=b"\n".join(map(bytes, names)) + b"\n\n")
    assert {app.process.pid for app in AffectedList.from_dict(json.loads(done.stdout))} == {h.pid for h in holders}


@pytest.mark.parametrize("args", [["-0"], ["-0", "-"], ["--null", "-"]], ids=" ".join)
def test_list_ended_by_nul(args: list[str], tmp_path: Path, hold: Hold) -> None:
    names = [tmp_path / name for name in ("one", "with\nnewline")]
    for name in names:
        name.touch()
    holder = hold(names[1])
    done = rmcy("who", "--json", *args, stdin=b"".join(bytes(name) + b"\0" for name in names))
    assert [app.process.pid for app in AffectedList.from_dict(json.loads(done.stdout))] == [holder.pid]


def test_list_and_arguments_together(tmp_path: Path, hold: Hold) -> None:
    for name in ("listed", "named"):
        (tmp_path / name).touch()
    holders = [hold(tmp_path / "listed"), hold(tmp_path / "named")]
    done = rmcy("who", "--json", tmp_path / "named", "-", stdin=bytes(tmp_path / "listed"))
    assert {app.process.pid for app in AffectedList.from_dict(json.loads(done.stdout))} == {h.pid for h in holders}


def test_nul_in_a_list_of_lines_is_refused(file: Path) -> None:
    done = rmcy("who", "-", stdin=bytes(file) + b"\0")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"-0" in done.stderr


def test_empty_name_in_a_list_ended_by_nul_is_refused(file: Path) -> None:
    done = rmcy("who", "-0", stdin=bytes(file) + b"\0\0" + bytes(file) + b"\0")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr


def test_directory_in_a_list_is_left_out(file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("who", "-", stdin=bytes(file.parent) + b"\n" + bytes(file) + b"\n")
    assert done.returncode == 0
    assert str(holder.pid).encode() in done.stdout
    assert b"1 directory" in done.stderr


def test_list_of_directories_only_is_no_answer(tmp_path: Path) -> None:
    assert rmcy("who", "-", stdin=bytes(tmp_path)).returncode == 2


def test_many_files_of_a_program_are_grouped(tmp_path: Path, hold: Hold) -> None:
    source = "import sys; held = [open(p, 'rb') for p in sys.argv[1:]]; print('ready', flush=True); sys.stdin.read()"
    names = [tmp_path / f"data{n:02}" for n in range(20)]
    for name in names:
        name.touch()
    command = [sys.executable, "-c", source, *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        done = rmcy("who", *names)
        listed = rmcy("who", "--json", *names)
    text = done.stdout.decode()
    assert len(re.findall(rf"\b{child.pid}\b", text)) == 1
    assert "and 12 more" in text
    (app,) = AffectedList.from_dict(json.loads(listed.stdout))
    assert {use.path for use in app.uses or ()} == set(map(str, names))
