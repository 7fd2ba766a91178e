# SPDX-License-Identifier: MIT
"""A session store of its own for a program that would use up, break or lock the machine's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent

import pytest

MOUNT = 'mount -t tmpfs -o "$1" tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /dev/shm && shift && exec "$@"'


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
