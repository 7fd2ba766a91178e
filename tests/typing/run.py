# SPDX-License-Identifier: MIT
"""What mypy --strict and pyright strict say of client files, against the rmcy that is installed.

    python -P tests/typing/run.py

Every use_*.py is without any error; what it expects of types stands in it as
assert_type.  In misuse.py every line that ends in ``# E: RULES`` is an error
with one of these rules, for both, and no other line is: on Linux and on
Windows alike.  The library's own sources are checked as well, on Linux.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
SOURCES = HERE.parent.parent
EXPECTED = re.compile(r"# E: (?P<rules>[\w, -]+)$")


# As mypy names a system, and pyright.
SYSTEMS = {"linux": "Linux", "win32": "Windows"}


class Found(NamedTuple):
    file: str
    line: int
    rule: str
    text: str


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONSAFEPATH": "1"},
    )
    # 1: it found something, which is for the caller to judge.
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def mypy(folder: Path, system: str) -> Iterator[Found]:
    """Run mypy over the copies of the client files, far from the repository's configuration and sources."""
    files = sorted(folder.glob("*.py"))
    command = (sys.executable, "-m", "mypy", "--strict", "--platform", system)
    command += ("--no-error-summary", "--hide-error-context")
    config = ("--config-file", os.devnull, "--cache-dir", folder / "cache", "--show-error-end")
    out = run(*command, *config, "--output", "json", *files, cwd=folder)
    for line in out.splitlines():
        entry = json.loads(line)
        if entry["severity"] == "error":
            yield Found(Path(entry["file"]).name, entry["line"], entry["code"], entry["message"])


def pyright(folder: Path, system: str) -> Iterator[Found]:
    config = {"include": ["."], "typeCheckingMode": "strict", "pythonPlatform": SYSTEMS[system]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = shutil.which("pyright", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if command is None:
        sys.exit("pyright is not installed")
    out: dict[str, Any] = json.loads(
        run(command, "--pythonpath", sys.executable, "--outputjson", "--project", folder, cwd=folder)
    )
    if not out["summary"]["filesAnalyzed"]:
        sys.exit("pyright looked at no file")
    for entry in out["generalDiagnostics"]:
        if entry["severity"] == "error":
            line = entry["range"]["start"]["line"] + 1
            yield Found(Path(entry["file"]).name, line, entry.get("rule", ""), entry["message"])


def expected(folder: Path) -> dict[tuple[str, int], set[str]]:
    wanted = {}
    for path in sorted(folder.glob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if match := EXPECTED.search(line):
                wanted[path.name, number] = {rule.strip() for rule in match["rules"].split(",")}
    return wanted


def compare(checker: str, found: list[Found], wanted: dict[tuple[str, int], set[str]]) -> list[str]:
    """Say what differs: errors that nobody expected, and expected ones that did not come."""
    wrong = [
        f"{checker}: {error.file}:{error.line}: {error.text} [{error.rule}]"
        for error in found
        if error.rule not in wanted.get((error.file, error.line), set())
    ]
    come = {(error.file, error.line) for error in found}
    wrong += [f"{checker}: {file}:{line}: no error" for file, line in sorted(wanted.keys() - come)]
    return wrong


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in [*HERE.glob("use_*.py"), *HERE.glob("misuse.py")]:
            shutil.copy(path, folder)
        wanted = expected(folder)
        assert wanted
        wrong = []
        for system in SYSTEMS:
            wrong += compare(f"mypy on {system}", list(mypy(folder, system)), wanted)
            wrong += compare(f"pyright on {system}", list(pyright(folder, system)), wanted)
    print(*wrong, f"{len(wanted)} misuses on {len(SYSTEMS)} systems, {len(wrong)} surprises", sep="\n")
    own = subprocess.run([sys.executable, "-m", "mypy"], check=False, cwd=SOURCES)
    return 1 if wrong or own.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
