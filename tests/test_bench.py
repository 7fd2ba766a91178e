# SPDX-License-Identifier: MIT
"""`rmcy.bench`: contests, what is made of their samples, and the document. How fast anything is, is nobody's test."""

from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rmcy.bench import Absent, Entrant, Measure, Package, Report, Result, Round, Spread, Way, hold, measure
from rmcy.bench.registrar import Registrar
from rmcy.bench.result import duration
from rmcy.bench.schema import BENCH_SCHEMA


def result(**changes: object) -> Result:
    fields: dict[str, object] = {
        "name": "work",
        "library": "null",
        "size": 5,
        "calls": 10,
        "entrants": (Entrant("a"), Entrant("b", 2, "nearly right")),
        "absent": (Absent("c", "not installed"),),
        "rounds": (Round(("a", "b"), (100, 400)), Round(("b", "a"), (900, 100)), Round(("a", "b"), (50, 50))),
    }
    return Result(**(fields | changes))  # type: ignore[arg-type]


def report() -> Report:
    return Report.of([result(processes=7)], [Measure("memory", 3, 1.5, "bytes")], ["pytest", "no-such-package"])


def way(name: str, log: list[str], wrong: str | None = None) -> Way:
    def said(what: str) -> Callable[[], None]:
        return lambda: log.append(f"{name} {what}")

    def check() -> str | None:
        said("check")()
        return wrong

    def ready() -> Callable[[], None]:
        said("open")()
        return said("work")

    return Way(name, ready, check, said("close"))


def test_importing_rmcy_does_not_import_it() -> None:
    code = "import rmcy, sys; print([name for name in sys.modules if name.startswith('rmcy.bench')])"
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.linux("an isolated Python finds no packages under Wine")
def test_it_needs_the_standard_library_alone() -> None:
    code = "import rmcy, sys; before = set(sys.modules); import rmcy.bench; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-P", "-I", "-c", code], check=True, capture_output=True, text=True)
    others = {name.partition(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names)
    assert others == {"rmcy"}


def test_everybody_is_checked_then_timed_once_in_each_round() -> None:
    log: list[str] = []
    held = hold("work", [way("a", log), way("b", log)], library="null", size=1, rounds=20)
    assert log[:2] == ["a check", "b check"]
    assert log[2:] == [
        f"{name} {what}" for one in held.rounds for name in one.order for what in ("open", "work", "close")
    ]
    assert {one.order for one in held.rounds} == {("a", "b"), ("b", "a")}
    assert all(ns > 0 for one in held.rounds for ns in one.taken)


def test_the_order_can_be_repeated() -> None:
    orders = [
        [one.order for one in hold("work", [way(name, []) for name in "abc"], library="null", size=1).rounds]
        for _ in range(2)
    ]
    assert orders[0] == orders[1]


def test_a_sample_has_as_many_calls_as_asked_and_is_cleared_away_if_one_fails() -> None:
    log: list[str] = []
    hold("work", [way("a", log)], library="null", size=1, rounds=2, calls=3)
    # One sample more, to warm up.
    assert log.count("a work") == 9
    assert log.count("a open") == log.count("a close") == 3

    def fail() -> object:
        raise OSError("no")

    closed: list[bool] = []
    with pytest.raises(OSError, match="no"):
        hold("work", [Way("a", lambda: fail, lambda: None, lambda: closed.append(True))], library="null", size=1)
    assert closed == [True]
    assert gc.isenabled()


def test_the_collector_stays_off_where_it_was() -> None:
    gc.disable()
    try:
        hold("work", [way("a", [])], library="null", size=1, rounds=1)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_who_is_wrong_is_timed_and_said_to_be() -> None:
    held = hold("work", [way("a", []), way("b", [], "two are missing")], library="null", size=1, rounds=1)
    assert held.entrant("b").wrong == "two are missing"
    assert held.rounds[0].ns.keys() == {"a", "b"}
    assert Report.of([held]).right
    assert not Report.of([result(entrants=(Entrant("a", 1, "wrong"), Entrant("b")))]).right


@pytest.mark.parametrize("names", ["", "aa"])
def test_contenders_are_some_and_differ(names: str) -> None:
    with pytest.raises(ValueError, match="contenders"):
        hold("work", [way(name, []) for name in names], library="null", size=1)


@pytest.mark.parametrize("numbers", [{"rounds": 0}, {"calls": 0}])
def test_no_rounds_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        hold("work", [way("a", [])], library="null", size=1, **numbers)


def test_ratios_are_made_inside_the_rounds() -> None:
    # By unit: 400/2/100, 900/2/100, 50/2/50.
    assert result().ratio("b") == Spread(2.0, 0.5, 4.5, 0.5, 4.5)
    assert result().ratio("a") == Spread(1.0, 1.0, 1.0, 1.0, 1.0)
    assert result().per_call("a").median == 10.0
    assert result().per_call("b").median == 20.0
    with pytest.raises(KeyError):
        result().ratio("c")


def test_a_spread_needs_a_number() -> None:
    assert Spread.of([3, 1, 2, 4]) == Spread(2.5, 2, 3, 1, 4)
    with pytest.raises(ValueError, match="at least one"):
        Spread.of([])


def test_durations_are_for_people() -> None:
    shown = [duration(ns) for ns in (0.5, 999.0, 1000.0, 2.5e6, 3.25e9)]
    assert shown == ["0.5 ns", "999.0 ns", "1.0 us", "2.5 ms", "3.25 s"]


def test_a_report_is_a_document_and_back() -> None:
    made = report()
    document = json.loads(json.dumps(made.to_dict()))
    assert document["schema"] == BENCH_SCHEMA
    assert document["contests"][0]["ratios"]["b"]["median"] == 2.0
    assert document["contests"][0]["wrong"] == {"b": "nearly right"}
    assert document["contests"][0]["absent"] == {"c": "not installed"}
    assert document["versions"]["no-such-package"] is None
    assert Report.from_dict(document) == made
    assert Report.from_dict(document).to_dict() == document
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(Report.from_dict(document)) == hash(made)
    assert {package.name for package in made.packages} == {"rmcy", "backend", "python", "pytest", "no-such-package"}
    assert Package("no-such-package", None) in made.packages
    assert made.created <= datetime.now(UTC)


def test_a_later_document_of_the_same_schema_is_read() -> None:
    document = json.loads(json.dumps(report().to_dict()))
    document["new"] = document["machine"]["new"] = document["contests"][0]["new"] = 1
    assert Report.from_dict(document).contests == report().contests


def spoil(document: dict, path: str, value: object) -> None:
    *steps, last = path.split(".")
    at = document
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is KeyError:
        del at[last]
    else:
        at[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", "rmcy.bench/2"),
        ("schema", KeyError),
        ("created", "yesterday"),
        ("machine.processors", "two"),
        ("machine.load", 1),
        ("python.gil", 1),
        ("versions", []),
        ("versions.rmcy", 1),
        ("contests.0.subject", "b"),
        ("contests.0.contenders", []),
        ("contests.0.contenders", ["a", "a"]),
        ("contests.0.calls", 0),
        ("contests.0.rounds", []),
        ("contests.0.rounds.0.order", ["a"]),
        ("contests.0.rounds.0.ns", {"a": 1}),
        ("contests.0.rounds.0.ns.a", 0),
        ("contests.0.rounds.0.ns.a", 1.5),
        ("contests.0.units.b", 0),
        ("contests.0.size", True),
        ("measures.0.value", "1"),
    ],
)
def test_anything_else_is_refused(path: str, value: object) -> None:
    document = json.loads(json.dumps(report().to_dict()))
    spoil(document, path, value)
    with pytest.raises(ValueError, match=r"not a document of rmcy\.bench/1"):
        Report.from_dict(document)


def test_what_is_installed_is_measured_and_right() -> None:
    made = measure(rounds=2)
    assert [contest.name for contest in made.contests] == [
        "join and leave",
        "register files",
        "register files",
        "list programs",
        "decode a list",
    ]
    for contest in made.contests:
        assert contest.entrants == (Entrant("rmcy"), Entrant("ctypes"))
        assert contest.library == made.backend
        assert len(contest.rounds) == 2
    assert Report.from_dict(made.to_dict()) == made
    with pytest.raises(ValueError, match="rounds"):
        measure(rounds=0)


@pytest.mark.linux("Windows tells who, and says nothing of files")
def test_a_registration_that_loses_a_file_is_found_out(tmp_path) -> None:
    paths = [str(tmp_path / name) for name in "abc"]
    for path in paths:
        open(path, "w").close()
    lost = Registrar("loses one", lambda session: lambda: session.register(paths[1:]), paths)
    assert lost.check() == "missed 1 of 3 files that are in use"
    none = Registrar("loses all", lambda session: lambda: None, paths)
    assert none.check() == "missed 3 of 3 files that are in use"
