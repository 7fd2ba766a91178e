# SPDX-License-Identifier: MIT
"""Programs that do nothing, for a list to name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from rmcy.records import UniqueProcess

__all__ = ["programs"]

# It ends when its standard input does: the system closes that even if this process is killed.
WAIT = "import sys; sys.stdin.read()"


@contextmanager
def programs(count: int) -> Generator[list[UniqueProcess]]:
    """So many programs; they have ended when the block has."""
    with ExitStack() as stack:
        command = [sys.executable, "-I", "-S", "-c", WAIT]
        # Popen closes standard input when it is left, and waits then.
        children = [stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE)) for _ in range(count)]
        yield [UniqueProcess.from_pid(child.pid) for child in children]
