# SPDX-License-Identifier: MIT
"""The tables of the documents: `tables.py bench.json README.md ...` writes what is between a pair of markers.

A table whose contests the run did not have stays as it is.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rmcy.bench.result import duration

MARKED = re.compile(r"(<!-- figures: (\w+)[^>]*-->\n)(.*?)(<!-- end of figures -->)", re.DOTALL)

Contest = dict[str, Any]
Lines = Iterator[str]


def ratio(contest: Contest, name: str, *, spread: bool = True) -> str:
    """How many times as long as the subject; nothing for who took no part."""
    found = contest["ratios"].get(name)
    if found is None:
        return ""
    low, middle, high = (f"{found[key]:.3g}" for key in ("lower_quartile", "median", "upper_quartile"))
    wrong = ", wrong answer" if name in contest["wrong"] else ""
    return f"{middle} ({low} to {high}){wrong}" if spread else f"{middle}{wrong}"


def provenance(document: Contest, contests: list[Contest]) -> str:
    machine, versions = document["machine"], document["versions"]
    rounds = sorted({len(one["rounds"]) for one in contests})
    return (
        f"Median of {' or '.join(map(str, rounds))} rounds. {document['created'][:10]}, {machine['processors']} "
        f"processors of {machine['processor']}, {machine['system']} {machine['release'].partition('-')[0]}, "
        f"Python {versions['python']}, scanner {document['scanner']}."
    )


def lines_of(head: list[str], rows: list[list[str]]) -> Lines:
    yield f"| {' | '.join(head)} |"
    yield f"|---{'|---:' * (len(head) - 1)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def who(document: Contest) -> Lines:
    """Who uses these files: a column for each load."""
    contests = [contest for contest in document["contests"] if contest["name"] == "who uses these files"]
    if not contests:
        return
    heads = [f"{one['size']:,} file{'s'[: one['size'] > 1]}, {one['processes']:,} processes" for one in contests]

    def cell(one: Contest, name: str) -> str:
        return duration(one["ns_per_call"][name]["median"]) if name == one["subject"] else ratio(one, name)

    names = dict.fromkeys(name for one in contests for name in one["ns_per_call"])
    yield from lines_of(["Who uses", *heads], [[name, *(cell(one, name) for one in contests)] for name in names])
    yield ""
    yield f"Times as long as rmcy in the same round (quartiles). {provenance(document, contests)}"


BINDING = {
    "ctypes, good": "good ctypes",
    "ctypes, good, with NumPy": "with NumPy",
    "ctypes, as people write it": "as people write it",
    "cffi, ABI mode": "cffi",
    "restartmgr, twice the bytes": "restartmgr",
}


def binding(document: Contest) -> Lines:
    """The calls where restartmgr cannot take part."""
    return iter(()) if document["versions"]["restartmgr"] else calls(document, list(BINDING)[:-1])


def newer(document: Contest) -> Lines:
    """The calls from Python 3.12 on, where it can."""
    return calls(document, list(BINDING)) if document["versions"]["restartmgr"] else iter(())


def calls(document: Contest, rivals: list[str]) -> Lines:
    """Everything over the library that does nothing: a row for each contest."""
    contests = [one for one in document["contests"] if one["library"] == "null"]
    if not contests:
        return
    rows = []
    for one in contests:
        (floor,) = [name for name in one["ratios"] if name == "C" or name.startswith("C,")] or [""]
        rows.append(
            [
                f"{one['name']}, {one['size']:,}",
                duration(one["ns_per_call"][one["subject"]]["median"]),
                *(ratio(one, name, spread=False) for name in (*rivals, floor)),
            ]
        )
    yield from lines_of(["", "rmcy", *(BINDING[name] for name in rivals), "C"], rows)
    yield ""
    yield f"Times as long as rmcy in the same round. {provenance(document, contests)}"


def growth(document: Contest) -> Lines:
    """What grows with the number of files, or of processes."""
    contests = [one for one in document["contests"] if one["name"].startswith("growth: ")]
    measures = document["measures"]
    if not contests:
        return
    rows: dict[str, dict[int, str]] = {}
    for one in contests:
        row = rows.setdefault(one["name"].removeprefix("growth: "), {})
        for name in one["contenders"]:
            size = int(name.split()[0].replace(",", ""))
            first = duration(one["ns_per_call"][name]["median"])
            row[size] = first if name == one["subject"] else ratio(one, name, spread=False)
    for measure in measures:
        row = rows.setdefault(f"{measure['name']}, in {measure['unit']}", {})
        row[measure["size"]] = f"{measure['value']:.1f}"
    sizes = sorted({size for row in rows.values() for size in row})
    cells = [[name, *(row.get(size, "") for size in sizes)] for name, row in rows.items()]
    yield from lines_of(["", *(f"{size:,}" for size in sizes)], cells)
    yield ""
    yield f"Of times: the first, and how many times as long the others took. {provenance(document, contests)}"


TABLES: dict[str, Callable[[Contest], Lines]] = {"who": who, "binding": binding, "newer": newer, "growth": growth}


def main() -> None:
    given, *files = map(Path, sys.argv[1:])
    document = json.loads(given.read_text(encoding="utf-8"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        if not MARKED.search(text):
            raise SystemExit(f"{file} has no pair of markers between which a table goes")

        def written(match: re.Match[str]) -> str:
            begin, name, before, end = match.groups()
            lines = list(TABLES[name](document))
            return begin + ("".join(f"{line}\n" for line in lines) or before) + end

        file.write_text(MARKED.sub(written, text), encoding="utf-8")


if __name__ == "__main__":
    main()
