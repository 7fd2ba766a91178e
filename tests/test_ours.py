# SPDX-License-Identifier: MIT
"""Where nobody knows what Windows does the choice is ours: held to reports from a real Windows, when there are any."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from fix_probe import PROJECT, Choice, choices, differences, is_of_windows, load_probe, reports

ALL = {choice.id: choice for choice in choices()}
each_choice = pytest.mark.parametrize("choice", ALL.values(), ids=list(ALL))


def report(*, wine: str | None = None, company: str = "Microsoft Corporation", **values: object) -> dict[str, Any]:
    """One in which the question `cancel` has these values."""
    return {
        "windows": {"wine": wine},
        "library": {"path": "%SYSTEMROOT%\\system32\\rstrtmgr.dll", "CompanyName": company},
        "questions": [{"id": "cancel", "values": values}],
    }


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


def test_reports_from_windows_agree() -> None:
    """Whoever breaks this has learned something: Windows is right."""
    told = [f"{name}: {said}" for name, one in reports().items() if is_of_windows(one) for said in differences(one)]
    assert not told, "\n".join(told)


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
    elsewhere = report()
    elsewhere["library"]["path"] = "Z:\\rstrtmgr.dll"
    assert not is_of_windows(elsewhere)
