# SPDX-License-Identifier: MIT
"""Session stores of their own: one for all tests, one for a program that would use up, break or lock it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import rmcy

CLONE_NEWNS = 0x20000

# What a run of the tests that was killed has left stopped, a whole run would be warned of otherwise.
STORE = Path("/run/rmcy")

MOUNT = 'mount -t tmpfs -o "$1" tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /dev/shm && shift && exec "$@"'


def pytest_configure() -> None:
    """Give the tests a store without anybody's sessions, which only root can."""
    if os.name == "nt":
        return
    if os.geteuid() == 0 and ctypes.CDLL(None).unshare(CLONE_NEWNS) == 0:
        STORE.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", STORE], check=True)
    left = sum(info.stopped for info in rmcy.sessions() if info.state is rmcy.SessionState.ABANDONED)
    if left:
        pytest.exit(f"sessions that died have left programs stopped ({left}): `rmcy recover` brings them back", 1)


def run_in_private_store(source: str, *arguments: str, options: str = "mode=755") -> str:
    """Run a Python program that sees an empty /run and /dev/shm; give what it prints.

    `options` are those of the tmpfs that becomes /run. As root the program
    stays root; anybody else is root in a user namespace.
    """
    unshare = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    done = subprocess.run(
        [*unshare, "sh", "-c", MOUNT, "sh", options, sys.executable, "-W", "error", "-c", dedent(source), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONSAFEPATH": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def private_store() -> Callable[..., str]:
    return run_in_private_store
