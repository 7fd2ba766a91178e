# SPDX-License-Identifier: MIT
"""How `rmcy` ends when something else does: its reader, its user's patience, the disk; and without the extra."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import rmcy as package

from fix_cli import RMCY, Hold, cli_env, rmcy

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")


def test_version() -> None:
    done = rmcy("--version")
    assert done.returncode == 0
    assert done.stdout.decode().startswith(f"rmcy {package.__version__} (backend {package.backend_info().backend} ")


def test_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("rmcy")
    done = subprocess.run([script, "--version"], check=True, capture_output=True)
    assert done.stdout == rmcy("--version").stdout


@pytest.mark.parametrize(
    "args", [[], ["who"], ["plan"], ["run"], ["register"], ["sessions"], ["recover"], ["demo"]], ids=" ".join
)
def test_help_fits_a_terminal(args: list[str]) -> None:
    done = rmcy(*args, "--help", LC_ALL="C", COLUMNS="80")
    assert done.returncode == 0
    assert max(map(len, done.stdout.decode("ascii").splitlines())) <= 80


@pytest.mark.parametrize("args", [[], ["nonsense"], ["--nonsense"], ["who", "--json"]], ids=" ".join)
def test_wrong_usage_is_2(args: list[str]) -> None:
    assert rmcy(*args).returncode == 2


@pytest.mark.parametrize("args", [["who"], ["who", "--json"]], ids=" ".join)
def test_broken_pipe_ends_quietly(args: list[str], tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "data"
    path.touch()
    hold(path)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*RMCY, *args, path], check=False, stdout=writer, stderr=subprocess.PIPE, env=cli_env())
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def test_answer_that_cannot_be_written_is_2(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.touch()
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*RMCY, "who", "--mine", path], check=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert b"could not be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("args", [["who", "--mine"], ["who", "--mine", "--json"], ["sessions"], ["demo"]], ids=" ".join)
def test_answer_without_standard_output_is_2(args: list[str], tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.touch()
    names = [str(path)] if args[0] == "who" else []
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *RMCY, *args, *names]
    with package.start():  # for sessions to have something to say
        done = subprocess.run(command, check=False, stderr=subprocess.PIPE, env=cli_env())
    assert done.returncode == 2
    assert done.stderr.decode() == "rmcy: the answer could not be written: standard output is closed.\n"


def test_without_standard_error_the_answer_is_the_same(tmp_path: Path) -> None:
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *RMCY, "who", str(tmp_path / "missing")]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, env=cli_env())
    there = rmcy("who", tmp_path / "missing")
    assert there.stderr
    assert (done.returncode, done.stdout) == (there.returncode, there.stdout)


def test_interrupt_ends_quietly(tmp_path: Path) -> None:
    fifo = tmp_path / "key"
    os.mkfifo(fifo)
    with subprocess.Popen([*RMCY, "register", "x", "--key-file", fifo], stderr=subprocess.PIPE, env=cli_env()) as child:
        # Opening it for writing returns when rmcy has opened it for reading, and waits for a key.
        with open(fifo, "wb"):
            child.send_signal(signal.SIGINT)
            assert child.wait() == 128 + signal.SIGINT
        assert child.stderr is not None
        assert child.stderr.read().strip() == b""


@pytest.mark.parametrize("args", [[], ["who", "/bin/sh"], ["--version"]], ids=" ".join)
def test_without_the_extra_it_says_how_to_get_it(args: list[str], tmp_path: Path) -> None:
    # -S leaves out site-packages; what is found is the installed package alone.
    (tmp_path / "rmcy").symlink_to(Path(package.__file__).parent, target_is_directory=True)
    command = [sys.executable, "-S", "-P", "-m", "rmcy", *args]
    done = subprocess.run(command, check=False, capture_output=True, env=cli_env(PYTHONPATH=str(tmp_path)))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"pip install 'rmcy[cli]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
