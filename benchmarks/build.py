# SPDX-License-Identifier: MIT
"""To compile the small C programs of the benchmarks."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"]
SHARED = ["-fPIC", "-shared"]


def build(source: Path, made: Path, *flags: str) -> Path:
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, *FLAGS, *flags, str(source), "-o", str(made), "-ldl"], check=True)
    return made
