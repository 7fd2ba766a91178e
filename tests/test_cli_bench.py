# SPDX-License-Identifier: MIT
"""`rmcy bench`: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

import rmcy as package
from rmcy.bench import Report

from fix_cli import RMCY, cli_env, rmcy

pytestmark = pytest.mark.linux("it is ended by signals, and asked what Linux has beside it")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_the_table_fits_and_names_every_contest(locale: str, tmp_path: Path) -> None:
    done = rmcy("bench", "--rounds", "2", TMPDIR=str(tmp_path), COLUMNS="80", LC_ALL=locale)
    text = done.stdout.decode("ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert max(map(len, text.splitlines())) <= 80
    for name in ("join and leave (1)", "register files (1)", "register files (1,000)", "list programs (50)"):
        assert name in text
    assert len(re.findall(r"^ +ctypes .* \d+\.\d\d  ", text, re.MULTILINE)) == 5
    assert f"rmcy {package.__version__}, Python " in text
    assert text.endswith(", 2 rounds\n")
    assert list(tmp_path.iterdir()) == []


def test_json_is_a_report() -> None:
    done = rmcy("bench", "--json", "--rounds=1")
    assert (done.returncode, done.stderr) == (0, b"")
    report = Report.from_dict(json.loads(done.stdout))
    assert report.right
    assert len(report.contests) == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_cleans_up_when_it_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    # It has its folder and its session then, and more rounds to do than will ever be.
    (tmp_path / "sitecustomize.py").write_text(
        "import rmcy.bench.installed as installed\n"
        "right = installed._joiners\n"
        "def told(*given):\n"
        "    print('ready', flush=True)\n"
        "    return right(*given)\n"
        "installed._joiners = told\n"
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    env = cli_env(TMPDIR=str(folder), PYTHONPATH=str(tmp_path))
    command = [*RMCY, "bench", "--rounds=1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert len(list(folder.iterdir())) == 1
        child.send_signal(number)
        assert child.wait() == 128 + number
    assert list(folder.iterdir()) == []


def test_no_rounds_are_refused() -> None:
    done = rmcy("bench", "--rounds=0")
    assert (done.returncode, done.stdout) == (2, b"")


def test_where_no_session_can_be_had_it_says_so() -> None:
    taken = []
    try:
        while True:
            taken.append(package.start())
    except package.SessionLimitError:
        done = rmcy("bench", "--json", "--rounds=1")
    finally:
        for session in taken:
            session.close()
    assert done.returncode == 2
    assert json.loads(done.stdout)["schema"] == "rmcy.error/1"


@pytest.mark.parametrize(("name", "status"), [("rmcy", 2), ("ctypes", 0)])
def test_a_wrong_answer_is_shown_as_wrong(name: str, status: int, tmp_path: Path) -> None:
    # A rival, or rmcy itself, that forgets a program: only the command's own process can be made to.
    (tmp_path / "sitecustomize.py").write_text(
        "import rmcy.bench.installed as installed\n"
        f"name = {name!r}\n"
        "right = installed._listers\n"
        "def wrong(*given):\n"
        "    made = right(*given)\n"
        "    for one in made:\n"
        "        if one.name == name:\n"
        "            one._check = lambda: 'missed 1 of 50 programs'\n"
        "    return made\n"
        "installed._listers = wrong\n"
    )
    done = rmcy("bench", "--rounds=1", PYTHONPATH=str(tmp_path))
    assert done.returncode == status
    assert f"rmcy: wrong: list programs, 50 at a time, by {name}: missed 1 of 50 programs.\n".encode() in done.stderr
    assert (b"wrong answer" in done.stdout) is (name == "ctypes")
