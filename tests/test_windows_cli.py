# SPDX-License-Identifier: MIT
"""The command line on Windows: that each command does its work, or says that Windows does not have it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import rmcy as package

from fix_cli import Hold, rmcy
from fix_comeback import Comebacks
from fix_process import lives

pytestmark = pytest.mark.windows("for Linux there are the other files about the command line")


def test_who_uses_it(held: Path, hold: Hold) -> None:
    holder = hold(held)
    done = rmcy("who", held)
    assert done.returncode == 0, done
    assert str(holder.pid) in done.stdout.decode()
    done = rmcy("who", "--json", held)
    assert [app["process"]["pid"] for app in json.loads(done.stdout)["apps"]] == [holder.pid]


def test_what_is_not_there_is_2(held: Path) -> None:
    done = rmcy("who", f"{held}-not")
    assert (done.returncode, b"not there" in done.stderr) == (2, True), done


@pytest.mark.parametrize("command", ["sessions", "recover"])
def test_what_windows_does_not_have_is_2(command: str) -> None:
    done = rmcy(command)
    assert (done.returncode, b"Windows" in done.stderr, b"Traceback" in done.stderr) == (2, True, False), done


def test_register_by_a_key_in_a_file(session: package.PrimarySession, held: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(str(session.key))
    done = rmcy("register", held, "--key-file", key)
    assert done.returncode == 0, done
    with held.open():
        assert [app.process.pid for app in session.affected()] == [os.getpid()]


def test_plan_says_who_would_not_come_back(held: Path, hold: Hold) -> None:
    holder = hold(held)
    done = rmcy("plan", held)
    assert (done.returncode, str(holder.pid) in done.stdout.decode()) == (4, True), done
    assert lives(holder.pid)


def test_run_stops_patches_and_brings_back(held: Path, comebacks: Comebacks) -> None:
    pid = comebacks.start(held)
    replace = "import os, sys; os.replace(sys.argv[1], sys.argv[2]); print('patched')"
    new = held.with_suffix(".new")
    new.write_text("new")
    done = rmcy("run", "--yes", held, "--", sys.executable, "-c", replace, new, held)
    assert (done.returncode, done.stdout.decode().strip()) == (0, "patched"), done
    assert held.read_text() == "new"
    back = comebacks.next()
    assert lives(back)
    assert not lives(pid)
