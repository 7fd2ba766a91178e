# SPDX-License-Identifier: MIT
"""The command line of a folder of tools: a work folder, a command, and what the command is given."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Command = Callable[[Path, Sequence[str]], int]


def run_command(prog: str, description: str | None, work: Path, commands: Mapping[str, Command]) -> int:
    """Run the command that was asked for, and return its exit status; `work` is the folder if none is named."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=work, help="the folder where all goes")
    parser.add_argument("command", choices=commands)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        return commands[options.command](options.work.resolve(), options.arguments)
    except subprocess.CalledProcessError as error:
        print(f"failed with status {error.returncode}: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
