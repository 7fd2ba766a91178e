# SPDX-License-Identifier: MIT
"""Instructions and system calls of a program. Both are the same on a fast machine and on a slow one."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Of the same hash, dictionaries look the same.
FIXED = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


# When the allocator asks for more memory is its own affair, and which of two threads waits for the other is chance.
NOT_OURS = {"total", "brk", "mmap", "munmap", "mremap", "madvise", "mprotect", "futex"}

# With an empty /run, which is where sessions are.
STORES = "mount -t tmpfs -o mode=755 tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
USER = () if os.geteuid() == 0 else ("--user", "--map-root-user")
ALONE = ["unshare", "--mount", "--propagation", "private", *USER, "sh", "-c", f'{STORES} && exec "$@"', "sh"]


def run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="rmcy-gate-") as directory:
        done = subprocess.run(
            [part.replace("DIRECTORY", directory) for part in command],
            cwd=directory,
            env={**environment, **FIXED},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")


def instructions(command: Sequence[str], environment: Mapping[str, str], is_ours: Callable[[str], bool]) -> int:
    """Instructions inside our own objects; those of libc and of Python are not ours to answer for."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "callgrind"
        options = ["--tool=callgrind", f"--callgrind-out-file={out}", "--compress-strings=no", "--compress-pos=no"]
        run(["valgrind", "-q", *options, *command], environment)
        return sum(cost for name, cost in of_callgrind(out.read_text()).items() if is_ours(name))


def of_callgrind(text: str) -> Counter[str]:
    """Instructions of each object, its own and not those of what it calls."""
    costs: Counter[str] = Counter()
    ours = ""
    is_call = False
    for line in text.splitlines():
        if line.startswith("ob="):
            ours = line[3:]
        elif line.startswith("calls="):
            # The line after it has what the call took, all in all.
            is_call = True
        elif line and (line[0].isdigit() or line[0] in "+-*"):
            if not is_call:
                costs[ours] += int(line.split()[1])
            is_call = False
    return costs


def system_calls(command: Sequence[str], environment: Mapping[str, str]) -> Counter[str]:
    """How often each is called, by all threads and children, where nobody else has sessions."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "strace"
        run([*ALONE, "strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", str(out), *command], environment)
        return of_strace(out.read_text())


def of_strace(text: str) -> Counter[str]:
    rows = (re.fullmatch(r"\s*(\d+)\s+(\w+)\s*", line) for line in text.splitlines())
    return Counter({row[2]: int(row[1]) for row in rows if row and row[2] not in NOT_OURS})
