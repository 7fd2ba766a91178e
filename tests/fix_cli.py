# SPDX-License-Identifier: MIT
"""Run `rmcy` as its users do, and programs for it to find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from fix_process import PYTHON, environment

RMCY = (sys.executable, "-P", "-m", "rmcy")
HOLDER = "import sys; held = open(sys.argv[1], 'rb'); print('ready', flush=True); sys.stdin.read()"

# What a shell's settings would change in the output.
OFF = {"COLUMNS", "LC_ALL", "LANG", "NO_COLOR", "FORCE_COLOR", "RMCY_SESSION_KEY", "PYTHONUTF8", "PYTHONIOENCODING"}

Hold = Callable[[bytes | Path], subprocess.Popen[bytes]]


def cli_env(**more: str) -> dict[str, str]:
    """The environment of a run, without what a shell's settings would change in the output."""
    return {name: value for name, value in os.environ.items() if name not in OFF} | more


def rmcy(
    *args: str | bytes | Path, stdin: bytes = b"", prefix: Sequence[str] = (), **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `rmcy` to its end; `env` is added to its environment, `prefix` goes before the command."""
    return subprocess.run([*prefix, *RMCY, *args], input=stdin, check=False, capture_output=True, env=cli_env(**env))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(b"data")
    return path


@pytest.fixture
def hold() -> Iterator[Hold]:
    """A function that starts a program that holds a file open until the test ends."""
    with ExitStack() as stack:

        def start(path: bytes | Path) -> subprocess.Popen[bytes]:
            command = [PYTHON, "-I", "-S", "-c", HOLDER, os.fsdecode(path)]
            child = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
            )
            assert child.stdout is not None
            assert child.stdout.readline().strip() == b"ready"
            return child

        yield start


@pytest.fixture
def alone() -> Sequence[str]:
    """What to put before a command so that its user has no other program: then an answer about "mine" is complete."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        pytest.skip("needs root and setpriv (package util-linux) to become a user without other programs")
    # It may read everything still: the interpreter, and the test's files, may be root's own.
    caps = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return (setpriv, "--reuid=54321", "--regid=54321", "--clear-groups", *caps)


@pytest.fixture
def unprivileged() -> Sequence[str]:
    """What to put before a command so that it may not look into other users' processes."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv (package util-linux) is not installed: root cannot give up its privileges")
    return (setpriv, "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
