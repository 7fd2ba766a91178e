# SPDX-License-Identifier: MIT
"""`rmcy run` and what it is given to run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from rmcy import Outcome

from fix_cli import rmcy

# Says whether a process runs, and what it is told to say.
TELL = """
import sys
from pathlib import Path
state = Path(f"/proc/{sys.argv[1]}/stat").read_text().rpartition(")")[2].split()[0]
print("stopped" if state in "ZX" else "runs", *sys.argv[2:], flush=True)
"""


def run(*args: str | Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return rmcy("run", *args, stdin=stdin, **env)


def read_report(path: Path) -> Outcome:
    return Outcome.from_dict(json.loads(path.read_text()))
