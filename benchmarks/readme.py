# SPDX-License-Identifier: MIT
"""The README's table, from a document: `readme.py bench.json README.md` writes what is between the markers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BEGIN = "<!-- benchmarks: written by `nox -s bench -- --readme` -->"
END = "<!-- end of benchmarks -->"


def cell(contest: dict[str, Any], name: str) -> str:
    if name == contest["subject"]:
        return f"{contest['ns_per_call'][name]['median'] / 1e6:,.0f} ms"
    ratio = contest["ratios"].get(name)
    if ratio is None:
        return ""
    low, middle, high = (f"{ratio[key]:.3g}" for key in ("lower_quartile", "median", "upper_quartile"))
    wrong = ", wrong answer" if name in contest["wrong"] else ""
    return f"{middle} ({low} to {high}){wrong}"


def table(document: dict[str, Any]) -> Iterator[str]:
    contests = [contest for contest in document["contests"] if contest["name"] == "who uses these files"]
    if not contests:
        raise SystemExit("there is no contest of who uses files in it: the table would be empty")
    heads = [f"{one['size']:,} file{'s'[: one['size'] > 1]}, {one['processes']:,} processes" for one in contests]
    names = list(dict.fromkeys(name for one in contests for name in one["ns_per_call"]))
    yield f"| Who uses | {' | '.join(heads)} |"
    yield f"|---{'|---:' * len(heads)}|"
    for name in names:
        yield f"| {name} | {' | '.join(cell(one, name) for one in contests)} |"
    machine = document["machine"]
    rounds = sorted({len(one["rounds"]) for one in contests})
    yield ""
    yield (
        f"Times as long as rmcy in the same round: the median of {' or '.join(map(str, rounds))} rounds (quartiles). "
        f"{document['created'][:10]}, {machine['processors']} processors of {machine['processor']}, "
        f"{machine['system']} {machine['release'].partition('-')[0]}, Python {document['versions']['python']}, "
        f"scanner {document['scanner']}."
    )


def main() -> None:
    given, readme = map(Path, sys.argv[1:])
    document = json.loads(given.read_text(encoding="utf-8"))
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{readme} has not got the two lines between which the table goes")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    readme.write_text("\n".join([before + BEGIN, *table(document), END + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
