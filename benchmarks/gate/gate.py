# SPDX-License-Identifier: MIT
"""The regression gate: counts of fixed cases against those of figures.json.

    gate.py SCAN_PROGRAM [--update] [--only WORD]

Each case is run twice, for a few times and for more, and what the additional
times took is counted: starting and getting ready cancel out. Figures of
instructions hold for the compiler and the Python that they were taken with;
elsewhere only the system calls are compared, and that is said.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from counting import instructions, system_calls

import rmcy

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"
FEW, MORE = 1, 5
# In parts of the figure: where a hash table's entries meet depends on inode numbers and addresses.
TOLERANCE = {"instructions": 0.05, "system calls": 0.0}
# A retry now and then is no change.
LEAST = 2.0


@dataclass(frozen=True)
class Case:
    name: str
    unit: str  # what is counted
    count: Callable[[int], Mapping[str, int]]  # of so many times

    def measure(self) -> dict[str, float]:
        few, more = self.count(FEW), self.count(MORE)
        counts = {name: (more.get(name, 0) - few.get(name, 0)) / (MORE - FEW) for name in few | more}
        return {"total": sum(counts.values())} | {name: count for name, count in sorted(counts.items()) if count}


def cases(program: str) -> Iterator[Case]:
    package = str(Path(rmcy.__file__).parent)
    environment = dict(os.environ)
    python = [sys.executable, "-P", str(HERE / "case.py")]

    def of_python(name: str) -> Callable[[int], Mapping[str, int]]:
        return lambda times: {
            "package": instructions(
                [*python, name, str(times), "DIRECTORY"], environment, lambda path: path.startswith(package)
            )
        }

    def of_tree(times: int) -> Mapping[str, int]:
        return {"engine": instructions([program, "tree", str(times)], environment, lambda path: path == program)}

    def calls_of_python(name: str) -> Callable[[int], Mapping[str, int]]:
        return lambda times: system_calls([*python, name, str(times), "DIRECTORY"], environment)

    def calls_of_scan(way: str, descriptors: int) -> Callable[[int], Mapping[str, int]]:
        return lambda times: system_calls([program, way, str(times), str(descriptors)], environment)

    yield Case("register 1,000 paths, null library", "instructions", of_python("null_register"))
    yield Case("join and leave, null library", "instructions", of_python("null_join"))
    yield Case("list 1,000 programs, null library", "instructions", of_python("null_list"))
    yield Case("scan of a recorded tree of 200 processes", "instructions", of_tree)
    for way in rmcy.backend_info().scanners:
        for descriptors in (0, 100):
            name = f"scan of a process with {descriptors} descriptors, {way}"
            yield Case(name, "system calls", calls_of_scan(way.removeprefix("proc-"), descriptors))
    yield Case("start and end a session", "system calls", calls_of_python("engine_start"))
    yield Case("the same, and register 100 files", "system calls", calls_of_python("engine_register"))
    yield Case("join and leave", "system calls", calls_of_python("engine_join"))


def built_with() -> dict[str, str]:
    compiler = os.environ.get("CC", "cc")
    version = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "architecture": platform.machine(),
        "compiler": f"cc {version}",
        # Of its objects only what headers have of it is in our code.
        "python": ".".join(platform.python_version_tuple()[:2]),
    }


def differs(unit: str, was: Mapping[str, float], now: Mapping[str, float]) -> bool:
    return abs(now["total"] - was["total"]) >= max(LEAST, TOLERANCE[unit] * was["total"])


def compare(case: Case, was: Mapping[str, float] | None, now: Mapping[str, float], alike: bool) -> bool:
    """Say how it stands; False where the figure is not kept."""
    total = f"{case.name}: {now['total']:,.0f} {case.unit}"
    if case.unit == "instructions" and not alike:
        print(f"  --   {total}; the figure is of another compiler or Python, and is not compared")
        return True
    if was is None:
        print(f"  NEW  {total}; there is no figure: run this with --update")
        return False
    if not differs(case.unit, was, now):
        print(f"  ok   {total}")
        return True
    print(f"  BAD  {total}, not {was['total']:,.0f} ({now['total'] / was['total'] - 1:+.1%})")
    for name in sorted((was.keys() | now.keys()) - {"total"}):
        if was.get(name, 0) != now.get(name, 0):
            print(f"         {name}: {was.get(name, 0):,.0f} before, {now.get(name, 0):,.0f} now")
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description="compare what fixed cases take with what they took")
    parser.add_argument("program", help="the built program of scan.c")
    parser.add_argument("--update", action="store_true", help="write the figures anew")
    parser.add_argument("--only", default="", metavar="WORD", help="only cases with this word in their name")
    arguments = parser.parse_args()
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {"cases": {}}
    here = built_with()
    alike = arguments.update or figures.get("built_with") == here
    chosen = [case for case in cases(arguments.program) if arguments.only in case.name]
    measured = {case.name: case.measure() for case in chosen}
    if arguments.update:
        kept = figures["cases"] if arguments.only else {}
        document = {"built_with": here, "cases": kept | measured}
        FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        figures = document
    kept = [compare(case, figures["cases"].get(case.name), measured[case.name], alike) for case in chosen]
    if not all(kept):
        print("Where that is meant, take the figures again (nox -s gate -- --update) and say why in the commit.")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
