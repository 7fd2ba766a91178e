# SPDX-License-Identifier: MIT
"""Run the cases on Debian's user-mode Linux, a kernel of 2022 that runs as a program: `run.py [pytest's arguments]`.

Its root is this machine's, read-only, so it runs this Python with the rmcy
that is installed in it. The exit status is pytest's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
KERNEL = "linux.uml"
DEADLINE = 300.0  # seconds after which the kernel is thought to hang
TESTS = ("tests/test_correctness.py",)


def boot(results: Path, arguments: list[str]) -> None:
    command = [
        KERNEL,
        "mem=768M",
        "rootfstype=hostfs",
        "rootflags=/",
        "ro",
        "quiet",
        "con=null",
        "con0=null,fd:1",
        f"umid={results.name}",
        f"init={sys.executable}",
        "--",
        *("-P", str(HERE / "init.py"), str(results)),
    ]
    # A kernel's command line knows no quotes.
    (results / "arguments").write_text(json.dumps([str(HERE.parent.parent), *arguments]))
    with (results / "console").open("wb") as console:
        subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, timeout=DEADLINE
        )


def main() -> int:
    if shutil.which(KERNEL) is None:
        print(f"{KERNEL} is not installed (Debian package user-mode-linux)", file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="rmcy-uml-") as name:
        results = Path(name)
        boot(results, sys.argv[1:] or ["-q", *TESTS])
        output, status = results / "output", results / "status"
        if output.exists():
            sys.stdout.write(output.read_text(errors="replace"))
        if not status.exists():
            print((results / "console").read_text(errors="replace"), file=sys.stderr)
            print("the kernel ended without a result; above is its console", file=sys.stderr)
            return 2
        release, _, word = status.read_text().strip().partition(" ")
        print(f"Linux {release}: {'passed' if word == '0' else f'failed ({word})'}")
        return int(word) if word.isdecimal() else 2


if __name__ == "__main__":
    sys.exit(main())
