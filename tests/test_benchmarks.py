# SPDX-License-Identifier: MIT
"""The benchmarks run, and say what they measured. How fast anything is, is nothing that a test can say."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import rmcy
from rmcy.bench import Report

pytestmark = pytest.mark.linux("the benchmarks time the engine beside Linux's own tools")

ROOT = Path(__file__).parent.parent
ROUNDS = 3

RESTARTMGR, BY_RESTARTMGR = "restartmgr", "restartmgr, twice the bytes"
# Why restartmgr takes no part in what it could take part in.
if sys.version_info < (3, 12):
    CANNOT = "it needs Python 3.12"
else:
    CANNOT = None if find_spec(RESTARTMGR) else "it is not installed"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    """What a run with short lists prints, and the document that it writes."""
    results = tmp_path_factory.mktemp("bench") / "bench.json"
    small = [f"--rounds={ROUNDS}", "--sizes=1,20", "--calls=2", "--rows=10", "--processes=5", "--targets=1,20"]
    small += ["--grown-processes=2,4", "--grown-paths=10,20"]
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "benchmarks"]
    done = subprocess.run(
        [*command, *small, f"--results={results}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(results.read_text(encoding="utf-8"))


def test_the_document_says_what_was_measured_where(run: tuple[str, dict]) -> None:
    _, document = run
    assert document["schema"] == "rmcy.bench/1"
    assert document["versions"]["rmcy"] == rmcy.__version__
    assert document["scanner"] == rmcy.backend_info().scanner
    assert document["machine"]["processors"] >= 1
    keys = ("name", "library", "size", "processes")
    all_held = {tuple(contest[key] for key in keys) for contest in document["contests"]}
    assert len(all_held) == len(document["contests"])
    assert {("who uses these files", "engine", size, 5) for size in (1, 20)} <= all_held
    assert ("who still uses a replaced library", "engine", 1, 5) in all_held
    held = {key[:3] for key in all_held}
    for library in ("null", "engine"):
        assert ("join and leave", library, 1) in held
    assert ("join", "null", 1) in held
    for name in ("list programs", "list programs, every record", "decode a list"):
        assert (name, "null", 10) in held
    for size in (1, 20):
        assert {("register ASCII paths", "null", size), ("register files", "engine", size)} <= held


def test_the_document_is_a_report(run: tuple[str, dict]) -> None:
    _, document = run
    report = Report.from_dict(document)
    assert report.to_dict() == document
    assert report.right


def test_who_takes_no_part_is_named_with_the_reason(run: tuple[str, dict]) -> None:
    printed, document = run
    absent = {contest["name"]: contest["absent"] for contest in document["contests"]}
    for name in ("join", "join and leave"):
        assert "RmJoinSession" in absent[name][RESTARTMGR]
    assert "the engine's" in absent["register files"][RESTARTMGR]
    assert "takes no files" in absent["who uses these files"]["needrestart"]
    for contest in document["contests"]:
        assert not set(contest["absent"]) & set(contest["contenders"])
        assert all(f"takes no part: {reason}" in printed for reason in contest["absent"].values())


def test_every_round_has_every_contender_and_its_raw_sample(run: tuple[str, dict]) -> None:
    _, document = run
    for contest in document["contests"]:
        assert len(contest["rounds"]) == ROUNDS
        contenders = set(contest["ns_per_call"])
        if RESTARTMGR in contest["absent"] or BY_RESTARTMGR in contenders:
            assert {"ctypes, good", "ctypes, as people write it"} < contenders
        for one in contest["rounds"]:
            assert set(one["order"]) == set(one["ns"]) == contenders
            assert all(type(ns) is int and ns > 0 for ns in one["ns"].values())


def test_over_a_library_that_does_nothing_nobody_is_wrong(run: tuple[str, dict]) -> None:
    _, document = run
    checked = [contest for contest in document["contests"] if contest["library"] == "null"]
    assert checked
    assert {contest["name"]: contest["wrong"] for contest in checked if contest["wrong"]} == {}


def test_restartmgr_takes_part_where_it_can(run: tuple[str, dict]) -> None:
    _, document = run
    texts = ("register ASCII paths", "register ASCII paths scattered in memory", "register UCS-4 paths")
    lists = ("list programs", "list programs, every record", "decode a list")
    wanted = {(name, size) for name in texts for size in (1, 20)} | {(name, 10) for name in lists}
    held = {(contest["name"], contest["size"]): contest for contest in document["contests"]}
    assert wanted <= set(held)
    for contest in (held[key] for key in wanted):
        assert contest["absent"].get(RESTARTMGR) == CANNOT
        assert (BY_RESTARTMGR in contest["ns_per_call"]) == (CANNOT is None)


def test_registering_files_is_held_beside_a_look_at_each(run: tuple[str, dict]) -> None:
    _, document = run
    contests = [contest for contest in document["contests"] if contest["name"] == "register files"]
    assert [contest["size"] for contest in contests] == [1, 20]
    for contest in contests:
        assert "C, one statx each" in contest["ns_per_call"]
        assert contest["wrong"] == {}


def test_a_ratio_is_the_median_of_the_ratios_inside_the_rounds(run: tuple[str, dict]) -> None:
    _, document = run
    for contest in document["contests"]:
        subject = contest["subject"]
        assert set(contest["ratios"]) == set(contest["ns_per_call"]) - {subject}
        for name, ratio in contest["ratios"].items():
            units = contest["units"].get(subject, 1) / contest["units"].get(name, 1)
            inside = sorted(one["ns"][name] / one["ns"][subject] * units for one in contest["rounds"])
            assert ratio["median"] == pytest.approx(inside[ROUNDS // 2])
            assert (ratio["min"], ratio["max"]) == pytest.approx((inside[0], inside[-1]))


def test_an_answer_is_compared_with_who_holds_what(run: tuple[str, dict]) -> None:
    printed, document = run
    asked = [contest for contest in document["contests"] if contest["name"] == "who uses these files"]
    for contest in asked:
        assert {"rmcy", "C, the system calls alone"} <= set(contest["ns_per_call"])
        assert "rmcy" not in contest["wrong"]
        for name, wrong in contest["wrong"].items():
            assert name in contest["ns_per_call"]
            assert f"WRONG: {wrong}" in printed


def test_memory_and_growth_are_measured(run: tuple[str, dict]) -> None:
    printed, document = run
    assert {(measure["name"], measure["size"]) for measure in document["measures"]} == {
        *((f"memory after {what}", size) for what in ("registering", "listing") for size in (10, 20)),
        *(("list, time of a process", size) for size in (2, 4)),
    }
    assert "memory after registering, 20: " in printed


def test_the_table_names_every_contest(run: tuple[str, dict]) -> None:
    printed, document = run
    for contest in document["contests"]:
        assert f"{contest['name']}, {contest['size']:,} at a time, over the {contest['library']} library" in printed
