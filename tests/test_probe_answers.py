# SPDX-License-Identifier: MIT
"""tools/windows_probe.py asks the Restart Manager that is here: what it reports, and what our library does.

Only the questions behind tests/ours.toml are asked; `python tools/windows_probe.py` asks them all.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fix_probe import PROBE, PROJECT, UNANSWERED, differences, is_of_windows, load_probe, shown_choices

pytestmark = pytest.mark.windows("the probe asks Rstrtmgr.dll")


# It takes all the sessions that there are.
ALONE = "limit"
# It waits for a time-out, and others can be asked meanwhile.
LONG = "callback"


def start_asking(questions: Iterable[str], output: Path) -> subprocess.Popen[bytes]:
    only = [argument for question in questions for argument in ("--only", question)]
    command = [sys.executable, str(PROBE), "--intrusive", *only, "--output", str(output)]
    return subprocess.Popen(command, env=os.environ | dict.fromkeys(("TMP", "TEMP"), str(output.parent)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the reports, and for the probe's own files."""
    return tmp_path_factory.mktemp("probe")


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    others = dict.fromkeys(choice.question for choice in shown_choices() if choice.question not in (ALONE, LONG))
    outputs = [folder / f"{number}.json" for number in range(3)]
    alone = start_asking([ALONE], outputs[0])
    statuses = [alone.wait()]
    both = [start_asking([LONG], outputs[1]), start_asking(others, outputs[2])]
    statuses += [process.wait() for process in both]
    assert statuses == [0, 0, 0]
    first, *rest = (json.loads(output.read_text(encoding="utf-8")) for output in outputs)
    for one in rest:
        first["questions"] += one["questions"]
    whole: dict[str, Any] = first
    return whole


def test_report_is_of_the_known_form(report: dict[str, Any]) -> None:
    assert report["schema"] == load_probe().SCHEMA
    assert {entry["id"] for entry in report["questions"]} == {choice.question for choice in shown_choices()}
    assert {entry["state"] for entry in report["questions"]} == {"answered"}
    assert not [entry["failed"] for entry in report["questions"] if "failed" in entry]


def texts(value: object) -> Iterator[str]:
    """All there are in a report."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for item in pair for text in texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts(item))


def test_report_names_nobody(report: dict[str, Any]) -> None:
    """No user, no computer, and no folder of theirs."""
    folders = {str(Path.home()), tempfile.gettempdir(), str(PROJECT), sys.prefix, sys.base_prefix}
    whose = "|".join(map(re.escape, (getpass.getuser(), platform.node(), *folders)))
    assert not [text for text in texts(report) if re.search(rf"(?<!\w)({whose})(?!\w)", text, re.IGNORECASE)]


def test_nothing_is_left_of_it(report: dict[str, Any], folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"0.json", "1.json", "2.json"}


def test_every_choice_is_answered(report: dict[str, Any]) -> None:
    assert not [choice.id for choice in shown_choices() if choice.answered(report) is UNANSWERED]


def test_our_library_does_what_we_say(report: dict[str, Any]) -> None:
    """Where Windows' own answers, it is evidence, and no test: see tests/probe_reports."""
    assert is_of_windows(report) or not differences(report)
