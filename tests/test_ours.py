# SPDX-License-Identifier: MIT
"""Where nobody knows what Windows does the choice is ours: held to reports from a real Windows, when there are any."""

from __future__ import annotations

import copy
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from fix_probe import (
    PROJECT,
    Choice,
    asides,
    choices,
    differences,
    disagreements,
    is_of_windows,
    load_probe,
    reports,
)

# How the library's sources mark a choice of ours.
MARK = re.compile(r"\bOurs\b|\(ours\b|\bours\)|/\* ours\b")
ALL = {choice.id: choice for choice in choices()}
each_choice = pytest.mark.parametrize("choice", ALL.values(), ids=list(ALL))


def report(*, wine: str | None = None, company: str = "Microsoft Corporation", **values: object) -> dict[str, Any]:
    """One in which the question `cancel` has these values."""
    return {
        "windows": {"wine": wine},
        "library": {"path": "%SYSTEMROOT%\\system32\\rstrtmgr.dll", "CompanyName": company},
        "questions": [{"id": "cancel", "values": values}],
    }


def agreeing() -> dict[str, Any]:
    """A report of Windows that answers each choice as we do."""
    values: dict[str, dict[str, Any]] = {}
    for choice in choices():
        question, *path, last = choice.id.split(".")
        at = values.setdefault(question, {})
        for name in path:
            at = at.setdefault(name, {})
        at[last] = choice.ours
    return report() | {"questions": [{"id": name, "values": told} for name, told in values.items()]}


def put(answers: dict[str, Any], choice: Choice, value: object) -> None:
    """Answer a choice otherwise."""
    question, *path, last = choice.id.split(".")
    (at,) = (entry["values"] for entry in answers["questions"] if entry["id"] == question)
    for name in path:
        at = at[name]
    at[last] = value


def test_each_choice_is_there_once() -> None:
    assert len(ALL) == len(choices())


@each_choice
def test_probe_asks_about_it(choice: Choice) -> None:
    """The names of a question's values stand in its function."""
    question = load_probe().QUESTIONS[choice.question]
    assert f'"{choice.value}"' in inspect.getsource(question.function)


@each_choice
def test_choice_is_documented(choice: Choice) -> None:
    """As a sentence, and by the mark where it is made."""
    assert choice.says.endswith(".")
    assert "ours" in (PROJECT / choice.where).read_text(encoding="utf-8").lower()


def test_each_mark_in_the_library_is_asked_about() -> None:
    """Or stands at the end of ours.toml, with the reason why not."""
    library = [
        path for folder in ("engine", "windows", "include") for path in (PROJECT / "rmcy" / folder).glob("*.[ch]")
    ]
    marked = {path.relative_to(PROJECT).as_posix() for path in library if MARK.search(path.read_text(encoding="utf-8"))}
    asked = {choice.where for choice in choices()}
    assert marked - asked == set(asides())


def test_reports_from_windows_agree() -> None:
    """Whoever breaks this has learned something: Windows is right."""
    assert not disagreements(), "\n".join(disagreements())


def test_report_that_agrees_is_fine(tmp_path: Path) -> None:
    (tmp_path / "agrees.json").write_text(json.dumps(agreeing()), encoding="utf-8")
    assert not disagreements(tmp_path)


@each_choice
def test_report_that_differs_in_one_answer_is_told(choice: Choice, tmp_path: Path) -> None:
    """And which choice that is; whoever adds a report sees it in the test above."""
    differs = copy.deepcopy(agreeing())
    put(differs, choice, "access violation")
    (tmp_path / "differs.json").write_text(json.dumps(differs), encoding="utf-8")
    (told,) = disagreements(tmp_path)
    assert told.startswith(f"differs.json: {choice.says} {choice.id} is 'access violation' there")


def test_answer_where_a_table_is_expected_differs() -> None:
    choice = ALL["callback.one.in_the_calling_thread"]
    crashed = report() | {"questions": [{"id": "callback", "values": {"one": "access violation"}}]}
    assert choice.answered(crashed) == "access violation"
    assert any("callback.one.in_the_calling_thread" in told for told in differences(crashed))


def test_one_is_not_true() -> None:
    assert not differences(report(nothing_running=0))
    assert differences(report(nothing_running=False))


def test_reports_are_of_the_known_form() -> None:
    assert {one["schema"] for one in reports().values()} <= {load_probe().SCHEMA}


def test_difference_is_said_in_a_sentence() -> None:
    (told,) = differences(report(nothing_running=6, list_after_it=0))
    assert told == (
        "To cancel with nothing under way is a success. cancel.nothing_running is 6 there, and ours is 0: "
        "revise rmcy/engine/api.c, its tests, and tests/ours.toml."
    )


def test_what_is_not_answered_is_no_difference() -> None:
    assert not differences(report())
    assert not differences(report(nothing_running=0))


def test_only_windows_is_evidence() -> None:
    assert is_of_windows(report())
    assert not is_of_windows(report(wine="8.0"))
    assert not is_of_windows(report(company="the rmcy authors"))
    of_32_bits = report()
    of_32_bits["library"]["path"] = "%SYSTEMROOT%\\SysWOW64\\RstrtMgr.dll"
    assert is_of_windows(of_32_bits)
    elsewhere = report()
    elsewhere["library"]["path"] = "Z:\\rstrtmgr.dll"
    assert not is_of_windows(elsewhere)
