# SPDX-License-Identifier: MIT
"""On a churning machine rmcy says what a slow truth says; and its judge finds what is wrong."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from oracle import second
from oracle.inode import Inode
from oracle.judge import Answer, Round, Use, Verdict, judge
from oracle.log import Log, Writer
from oracle.rounds import run
from oracle.second import Claim
from oracle.truth import Holding, Process, Truth

pytestmark = pytest.mark.linux("the slow truth is read from /proc")

SECONDS = 20


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to look into map_files")
@pytest.mark.skipif(not second.is_there(), reason="needs lsfd (util-linux-extra)")
def test_answers_agree_with_the_slow_truth() -> None:
    seed = random.randrange(1 << 32)
    verdict = run(SECONDS, seed=seed)
    assert verdict.wrong == [], f"seed {seed}: python -m oracle {SECONDS} {seed}"
    for what in ("open", "mapped", "executable", "lsfd", "of a file that had lost its name"):
        assert verdict.counts[f"must: {what}"], verdict.counts
    # Explanations are for few.
    assert verdict.counts["said"] * 100 <= verdict.counts["uses"], verdict.counts


FILE, LATER = Inode(8, 1, 77, (1, 0)), Inode(8, 1, 77, (2, 0))  # the second got the first one's number
HOLDER = Process(42, 1000)
HELD = Holding(HOLDER, "open", FILE)
USE = Use(HOLDER, "open", "/a", FILE.device, 77)


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "log")


def judged(tmp_path: Path, round_: Round) -> Verdict:
    verdict = Verdict()
    judge(round_, Log(tmp_path / "log"), verdict)
    return verdict


def a_round(uses: tuple[Use, ...], truth: frozenset[Holding], begin: int, end: int) -> Round:
    answer = Answer(begin, end, uses, {})
    return Round("test", {"/a": FILE}, Truth(begin, begin, truth), answer, Truth(end, end, truth))


def held_for_good(writer: Writer, inode: Inode = FILE) -> int:
    """Returns a time at which it is held."""
    writer.took(HOLDER, [("fd 3", "open", inode)], 0)
    return 1 << 62


def test_agreement_is_no_disagreement(tmp_path: Path, writer: Writer) -> None:
    now = held_for_good(writer)
    verdict = judged(tmp_path, a_round((USE,), frozenset({HELD}), now, now))
    assert verdict.wrong == []
    assert verdict.counts["must: open"] == 1


@pytest.mark.parametrize("truth", [frozenset({HELD}), frozenset()], ids=["both truths and the log", "the log alone"])
def test_missing_use_is_found(tmp_path: Path, writer: Writer, truth: frozenset[Holding]) -> None:
    now = held_for_good(writer)
    (wrong,) = judged(tmp_path, a_round((), truth, now, now)).wrong
    assert "missing" in wrong


def test_missing_use_of_a_process_without_a_log_is_found(tmp_path: Path, writer: Writer) -> None:
    wrong = judged(tmp_path, a_round((), frozenset({HELD}), 1, 2)).wrong
    assert any("missing, though both truths had it" in line for line in wrong)


def test_what_only_lsfd_saw_is_missed(tmp_path: Path, writer: Writer) -> None:
    other = Holding(HOLDER, "mapped", FILE)
    writer.took(HOLDER, [("map", "mapped", FILE)], 0)
    now = 1 << 62
    round_ = a_round((replace(USE, kind="mapped"),), frozenset({other}), now, now)
    (wrong,) = judged(tmp_path, replace(round_, claims=frozenset({Claim(42, 8, 1, 77)}))).wrong
    assert "lsfd" in wrong


def test_number_of_another_file_explains_lsfd(tmp_path: Path, writer: Writer) -> None:
    writer.took(HOLDER, [("map", "mapped", FILE), ("fd 3", "open", LATER)], 0)
    now = 1 << 62
    round_ = a_round((replace(USE, kind="mapped"),), frozenset({Holding(HOLDER, "mapped", FILE)}), now, now)
    verdict = judged(tmp_path, replace(round_, claims=frozenset({Claim(42, 8, 1, 77)})))
    assert verdict.wrong == []
    assert verdict.counts["renumbered"] == 1


@pytest.mark.parametrize(
    "use",
    [replace(USE, kind="mapped"), replace(USE, process=Process(42, 1001)), replace(USE, number=78)],
    ids=["another kind", "the number of a process that has ended", "another file"],
)
def test_false_use_is_found(tmp_path: Path, writer: Writer, use: Use) -> None:
    now = held_for_good(writer)
    (wrong,) = judged(tmp_path, a_round((USE, use), frozenset({HELD}), now, now)).wrong
    assert "neither" in wrong or "another file" in wrong


def test_use_before_it_was_held_is_found(tmp_path: Path, writer: Writer) -> None:
    writer.took(HOLDER, [("fd 3", "open", FILE)], 100)
    (wrong,) = judged(tmp_path, a_round((USE,), frozenset(), 1, 2)).wrong
    assert "neither" in wrong


def test_holder_that_let_go_meanwhile_explains_a_miss(tmp_path: Path, writer: Writer) -> None:
    writer.took(HOLDER, [("fd 3", "open", FILE)], 0)
    writer.leaving(HOLDER, ["fd 3"])
    verdict = judged(tmp_path, a_round((), frozenset({HELD}), 1, 1 << 62))
    assert verdict.wrong == []
    assert verdict.counts["let go"] == 1


def test_answer_that_says_it_cannot_tell_explains_a_miss(tmp_path: Path, writer: Writer) -> None:
    now = held_for_good(writer)
    round_ = a_round((), frozenset({HELD}), now, now)
    untold = replace(round_.answer, untold={"changing": frozenset({42})})
    verdict = judged(tmp_path, replace(round_, answer=untold))
    assert verdict.wrong == []
    assert verdict.counts["said"] == 1


def test_log_that_the_truth_contradicts_is_found(tmp_path: Path, writer: Writer) -> None:
    wrong = judged(tmp_path, a_round((USE,), frozenset({HELD}), 1, 2)).wrong
    assert wrong
    assert all("the log does not allow" in line for line in wrong)
