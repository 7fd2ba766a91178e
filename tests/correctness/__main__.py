# SPDX-License-Identifier: MIT
"""Ask rmcy and the other tools about every case, and write the table of docs/correctness.md."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from correctness.asker import Askers
from correctness.judge import Verdict
from correctness.lab import CannotMake
from correctness.situation import UNSEEN, Case, Situation, load_cases
from correctness.tools import TOOLS, Question, cell
from correctness.trial import Trial, try_case
from correctness.ways import AS_IT_IS, all_ways

PAGE = Path(__file__).parents[2] / "docs" / "correctness.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
COLUMNS = ("rmcy", "rmcy, old or sandboxed", *TOOLS)


def fields_of_rmcy(case: Case, situation: Situation, trials: list[Trial]) -> list[str]:
    """What rmcy's answers were as it is, and where newer things of the kernel are missing."""
    bad = [trial for trial in trials if not trial.good]
    for trial in bad:
        print(f"{case.name}: {trial.way.name}: {trial.verdict}: {trial.why}", file=sys.stderr)
    if bad:
        return ["**bad**"] * 2
    if case.group == UNSEEN:
        return ["no"] * 2
    if situation.hidden:
        return ["says so"] * 2
    as_it_is = next(trial for trial in trials if trial.way.name == AS_IT_IS)
    verdicts = {trial.verdict for trial in trials if trial.way.name != AS_IT_IS and not trial.way.blind}
    words = {Verdict.RIGHT: "yes", Verdict.UNCERTAIN: "says so"}
    return [words[as_it_is.verdict], " or ".join(words[verdict] for verdict in Verdict if verdict in verdicts)]


def row(case: Case, askers: Askers) -> list[str]:
    others: list[str] = []
    situations: list[Situation] = []

    def ask(question: Question) -> None:
        situations.append(question.situation)
        others.extend(cell(question.situation, ask_tool(question)) for ask_tool in TOOLS.values())

    with TemporaryDirectory(prefix="rmcy-case-") as name:
        Path(name).chmod(0o755)
        trials = try_case(case, Path(name), askers, all_ways(), Question.about, ask)
    return [case.title, *fields_of_rmcy(case, situations[0], trials), *others]


def table() -> list[str]:
    askers = Askers()
    lines: list[str] = []
    group = ""
    for case in load_cases():
        if case.group != group:
            group = case.group
            lines += ["", f"### {group}", "", f"| | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
        lines.append(f"| {' | '.join(row(case, askers))} |")
        print(lines[-1], flush=True)
    askers.close()
    return [*lines, ""]


def main() -> int:
    missing = [tool for tool in ("lsof", "fuser", "lsfd") if shutil.which(tool) is None]
    if missing:
        print(f"not installed: {', '.join(missing)} (Debian: lsof psmisc util-linux-extra)", file=sys.stderr)
        return 2
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    try:
        lines = table()
    except CannotMake as reason:
        print(f"this machine cannot make all cases: {reason}", file=sys.stderr)
        return 2
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after)
    return 1 if any("**bad**" in line for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
