# SPDX-License-Identifier: MIT
"""The answer as columns: a buffer of RM_PROCESS_INFO, of real answers and of lists made of records."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
from rmcy import AffectedApp, AffectedList, AppType, UniqueProcess

from fix_program import Program

np = pytest.importorskip("numpy")

HOLDER = "import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()"


@pytest.fixture
def answer(tmp_path: Path, run_program: Callable[..., Program]) -> AffectedList:
    (tmp_path / "held").write_text("x")
    for _ in range(3):
        run_program(HOLDER, str(tmp_path / "held"))
    answer = rmcy.who(tmp_path / "held")
    assert len(answer) == 3
    return answer


def text(units: object) -> str:
    return "".join(map(chr, units)).rstrip("\0")  # type: ignore[call-overload]


def test_numpy_sees_a_row_for_each_program(answer: AffectedList) -> None:
    rows = np.asarray(answer)
    assert (rows.shape, rows.itemsize, rows.flags.writeable) == ((3,), 668, False)
    assert np.shares_memory(rows, np.asarray(answer))
    for row, app in zip(rows, answer, strict=True):
        assert UniqueProcess(int(row["pid"]), int(row["start_time"])) == app.process
        assert text(row["name"]) == app.name
        assert (row["type"], row["status"], bool(row["restartable"])) == (app.type, app.status, app.restartable)
        assert (None if row["ts_session_id"] == 2**32 - 1 else row["ts_session_id"]) == app.ts_session_id


def test_numbers_are_columns(answer: AffectedList) -> None:
    numbers = answer.numbers()
    made = AffectedList(list(answer), complete=True)
    for of in (numbers, made.numbers()):
        assert {word: column.format for word, column in of.items()} == {
            "pid": "I", "start_time": "Q", "type": "i", "status": "I", "ts_session_id": "I", "restartable": "?",
        }  # fmt: skip
        assert all(column.readonly and len(column) == 3 for column in of.values())
        processes = [UniqueProcess(*each) for each in zip(of["pid"], of["start_time"], strict=True)]
        assert processes == [app.process for app in answer]
        assert of["type"].tolist() == [app.type for app in answer]
        assert of["status"].tolist() == [app.status for app in answer]
        assert of["restartable"].tolist() == [app.restartable for app in answer]
        assert [None if one == 2**32 - 1 else one for one in of["ts_session_id"]] == [
            app.ts_session_id for app in answer
        ]
    del answer, made
    gc.collect()
    assert np.asarray(numbers["pid"]).dtype == np.uint32
    assert all(len(column) == 0 for column in AffectedList(complete=True).numbers().values())


@pytest.mark.parametrize("number", [{"type": 2**31}, {"type": -(2**31) - 1}, {"status": 2**32}])
def test_what_no_row_can_hold_is_refused(number: dict[str, int]) -> None:
    (word,) = number
    with pytest.raises(ValueError, match=f"{word} must have at most 32 bits"):
        AffectedApp(UniqueProcess(1, 1), "n", **number)  # type: ignore[arg-type]


def test_rows_outlive_the_list(answer: AffectedList) -> None:
    pids = [app.process.pid for app in answer]
    rows = np.asarray(answer)
    del answer
    gc.collect()
    assert rows["pid"].tolist() == pids


def test_a_record_is_made_once(answer: AffectedList) -> None:
    seen: list[AffectedApp] = []
    threads = [threading.Thread(target=lambda: seen.append(answer[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one is answer[1] for one in seen)
    assert answer[-2] is answer[1]
    assert answer[1:2] == (answer[1],)


def test_rows_of_records_are_those_of_the_library(answer: AffectedList) -> None:
    for again in (
        pickle.loads(pickle.dumps(answer)),
        copy.deepcopy(answer),
        AffectedList.from_dict(answer.to_dict()),
    ):
        assert again == answer
        assert hash(again) == hash(answer)
        assert bytes(memoryview(again)) == bytes(memoryview(answer))
    # What is equal need not have been made in the same way, or looked at before.
    assert AffectedList(answer, complete=answer.complete, skipped=answer.skipped, stats=answer.stats) == answer


def test_long_names_are_cut_between_characters() -> None:
    app = AffectedApp(
        UniqueProcess(1, 2**64 - 1),
        "x" * 254 + "\U0001f600",
        service="s" * 80 + ".service",
        type=AppType(77),
        ts_session_id=5,
        restartable=True,
    )
    (row,) = np.asarray(AffectedList([app], complete=True))
    assert text(row["name"]) == "x" * 254
    assert text(row["service"]) == "s" * 63
    assert (row["start_time"], row["type"], row["ts_session_id"], row["restartable"]) == (2**64 - 1, 77, 5, 1)
    # A scope has no place in the header's row.
    (row,) = np.asarray(AffectedList([AffectedApp(UniqueProcess(1, 2), "x", service="a.scope")], complete=True))
    assert text(row["service"]) == ("a.scope" if os.name == "nt" else "")


def test_nobody_is_no_rows() -> None:
    rows = np.asarray(AffectedList(complete=True))
    assert (rows.shape, rows.itemsize) == ((0,), 668)


def test_it_cannot_be_written_to(answer: AffectedList) -> None:
    assert memoryview(answer).readonly
    with open(os.devnull, "rb") as nothing, pytest.raises(TypeError, match="read-write"):
        nothing.readinto(answer)  # type: ignore[arg-type]


def test_only_records_make_a_list() -> None:
    with pytest.raises(TypeError, match="apps must hold AffectedApp records, not int"):
        AffectedList([5], complete=True)  # type: ignore[list-item]
