# SPDX-License-Identifier: MIT
"""Plots of a document (SVG), one for each contest: `plots.py bench.json DIRECTORY`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.figure import Figure

# The same document gives the same file.
rcParams["svg.hashsalt"] = "rmcy"


def title(contest: dict[str, Any]) -> str:
    held = f", {contest['processes']:,} processes" if contest["processes"] else ""
    return f"{contest['name']}: {contest['size']:,}{held}"


def plot(contest: dict[str, Any], file: Path) -> None:
    """A bar for each contender: how many times as long as the first, with the quartiles."""
    names = [contest["subject"], *contest["ratios"]]
    same = {"median": 1.0, "lower_quartile": 1.0, "upper_quartile": 1.0}
    ratios = [contest["ratios"].get(name, same) for name in names]
    medians = [ratio["median"] for ratio in ratios]
    below = [max(0.0, ratio["median"] - ratio["lower_quartile"]) for ratio in ratios]
    above = [max(0.0, ratio["upper_quartile"] - ratio["median"]) for ratio in ratios]
    figure = Figure(figsize=(8, 1 + 0.4 * len(names)), layout="constrained")
    axes = figure.subplots()
    colors = ["tab:red" if name in contest["wrong"] else "tab:blue" for name in names]
    axes.barh(names, medians, xerr=(below, above), color=colors)
    axes.bar_label(axes.containers[-1], [f" {median:.3g}" for median in medians], padding=4)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.set_xlabel(
        f"times as long as {contest['subject']}" + (" (red: the answer is wrong)" if contest["wrong"] else "")
    )
    axes.set_title(title(contest))
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    document, directory = map(Path, sys.argv[1:])
    for contest in json.loads(document.read_text(encoding="utf-8"))["contests"]:
        name = re.sub(r"[^a-z0-9]+", "-", f"{title(contest)} {contest['library']}".lower()).strip("-")
        plot(contest, directory / f"{name}.svg")


if __name__ == "__main__":
    main()
