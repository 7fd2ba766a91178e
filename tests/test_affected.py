# SPDX-License-Identifier: MIT
"""The answer as a sequence, as a truth value, and as JSON."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import rmcy
from rmcy import (
    AffectedApp,
    AffectedList,
    AppStatus,
    AppType,
    FileUse,
    IncompleteAnswerError,
    ListStats,
    RebootReason,
    SkipCause,
    Skipped,
    UniqueProcess,
    UseKind,
)

from fix_process import ON_WINDOWS
from fix_program import Program

ONE = AffectedApp(UniqueProcess(1, 2**53 + 1), "one", uses=())
TWO = AffectedApp(
    UniqueProcess(2, 2**64 - 1),
    "caf\udce9",
    exe="/bin/\udcff",
    uid=1000,
    service="two.service",
    service_manager_uid=1000,
    type=AppType.CONSOLE,
    status=AppStatus.RUNNING,
    ts_session_id=1,
    restartable=True,
    uses=[FileUse("/x/\udcff", UseKind.EXECUTABLE, device=2**60 + 1, inode=2**63 + 1), FileUse("/é", "mapped")],
)
SKIPPED = Skipped(cause=SkipCause.PERMISSION, count=3, pids=(7, 8))
FULL = AffectedList(
    [ONE, TWO],
    complete=False,
    skipped=[SKIPPED, Skipped(cause=SkipCause.NAMESPACE, count=0)],
    missing=["/gone", "/\udcff"],
    reboot_reasons=RebootReason.DETECTED_SELF | RebootReason(0x100),
    stats=ListStats(processes=5, descriptors=6, maps=7, retries=8, nanoseconds=9, scanner="s"),
)
NOBODY = AffectedList(complete=True)
NOT_KNOWN = AffectedList(complete=False, skipped=[SKIPPED])


def test_it_can_be_iterated_over_more_than_once_at_a_time() -> None:
    answer = AffectedList([ONE, TWO], complete=True)
    first, second = iter(answer), iter(answer)
    assert iter(first) is first
    assert next(first) is answer[0]
    assert list(second) == [ONE, TWO]
    assert list(first) == [TWO]
    assert list(first) == []
    del answer
    assert next(second, None) is None


def test_it_is_a_sequence() -> None:
    assert isinstance(FULL, Sequence)
    assert (len(FULL), FULL[0], FULL[-1], list(FULL), TWO in FULL) == (2, ONE, TWO, [ONE, TWO], True)
    assert (FULL.index(TWO), FULL.count(ONE)) == (1, 1)
    assert FULL[:1] == (ONE,)
    assert type(FULL[:]) is tuple
    with pytest.raises(IndexError):
        FULL[2]


def test_it_is_immutable() -> None:
    for name in ("complete", "skipped", "missing", "reboot_reasons", "stats", "free"):
        with pytest.raises(AttributeError):
            setattr(FULL, name, None)
    with pytest.raises(TypeError):
        FULL[0] = TWO  # type: ignore[index]


def test_nobody_is_said_only_when_it_is_known() -> None:
    assert NOBODY.free
    assert not NOBODY
    assert NOBODY.raise_if_incomplete() is NOBODY
    assert not NOT_KNOWN.free
    assert len(NOT_KNOWN) == 0
    with pytest.raises(IncompleteAnswerError, match=r"nobody was found, but .*: permission \(3\)"):
        bool(NOT_KNOWN)
    with pytest.raises(IncompleteAnswerError, match=r"the answer is incomplete: permission \(3\)"):
        NOT_KNOWN.raise_if_incomplete()


def test_somebody_is_somebody_also_when_it_is_incomplete() -> None:
    assert FULL
    assert not FULL.free
    with pytest.raises(IncompleteAnswerError, match="namespace"):
        FULL.raise_if_incomplete()


def test_json_brings_everything_back() -> None:
    for answer in (FULL, NOBODY, NOT_KNOWN):
        again = AffectedList.from_dict(json.loads(json.dumps(answer.to_dict())))
        assert again == answer
        assert hash(again) == hash(answer)


def test_json_has_the_shape_of_its_schema() -> None:
    # Read as a program in another language would: no surrogates, no number beyond 2**53.
    text = json.dumps(FULL.to_dict(), ensure_ascii=False)
    data: dict[str, Any] = json.loads(text.encode("utf-8"))
    assert data["schema"] == "rmcy.affected/1"
    assert (data["complete"], data["free"]) == (False, False)
    assert data["reboot_reasons"] == ["detected_self", "unknown_256"]
    one, two = data["apps"]
    assert one["process"] == {"pid": 1, "start_time": str(2**53 + 1)}
    assert (one["uses"], one["exe"], one["type"], one["status"]) == ([], None, "unknown", [])
    assert two["exe"] == "/bin/\ufffd"
    assert base64.b64decode(two["exe_bytes"]) == os.fsencode("/bin/\udcff")
    assert base64.b64decode(two["name_bytes"]) == os.fsencode("caf\udce9")
    assert two["uses"][0] == {
        "path": "/x/\ufffd",
        "path_bytes": base64.b64encode(os.fsencode("/x/\udcff")).decode(),
        "kind": "executable",
        "deleted": False,
        "device": str(2**60 + 1),
        "inode": str(2**63 + 1),
    }
    assert two["uses"][1]["path"] == "/é"
    assert "path_bytes" not in two["uses"][1]
    assert data["missing"][0] == {"path": "/gone"}
    assert data["skipped"][0] == {"cause": "permission", "count": 3, "pids": [7, 8]}
    assert data["stats"]["scanner"] == "s"


def test_a_document_of_a_later_version_may_have_more() -> None:
    data: Any = FULL.to_dict()
    data["more"] = data["apps"][0]["more"] = data["stats"]["more"] = 1
    assert AffectedList.from_dict(data) == FULL


@pytest.mark.parametrize(
    "spoil",
    [
        {"schema": "rmcy.affected/2"},
        {"schema": None},
        {"apps": 5},
        {"apps": [{}]},
        {"missing": [{"path": "x", "path_bytes": "%%%"}]},
        {"reboot_reasons": ["bored"]},
        {"skipped": [{"cause": "bored", "count": 1, "pids": []}]},
        {"stats": {}},
        # Each of these would otherwise be read as something: "false" as true.
        {"complete": "false"},
        {"complete": 1},
        {"apps": ""},
        {"missing": {}},
        {"missing": [{"path": 5}]},
        {"skipped": [{"cause": "permission", "count": "many", "pids": []}]},
        {"skipped": [{"cause": "permission", "count": 1, "pids": "12"}]},
        {"stats": {**FULL.to_dict()["stats"], "maps": "many"}},
        {"apps": [{**FULL.to_dict()["apps"][0], "restartable": "no"}]},
        {"apps": [{**FULL.to_dict()["apps"][0], "process": {"pid": True, "start_time": "1"}}]},
    ],
)
def test_what_is_no_document_is_refused(spoil: dict[str, object]) -> None:
    data: Any = {**FULL.to_dict(), **spoil}
    with pytest.raises(ValueError, match=r"not a document of rmcy\.affected/1"):
        AffectedList.from_dict(data)
    for nothing in ({}, [], None):
        with pytest.raises(ValueError, match=r"not a document of rmcy\.affected/1"):
            AffectedList.from_dict(nothing)  # type: ignore[arg-type]


def test_who_needs_a_path() -> None:
    for call in (rmcy.who, lambda: rmcy.who([]), lambda: rmcy.who((), [])):
        with pytest.raises(TypeError, match="needs at least one path"):
            call()


def test_who_takes_paths_and_lists_of_them(held_file: tuple[Path, Program], tmp_path: Path) -> None:
    path, holder = held_file
    for given in ([path], [[path]], [str(path), [tmp_path / "missing"]], [iter([bytes(path)]), path]):
        answer = rmcy.who(*given)
        assert [app.process.pid for app in answer] == [holder.pid]
    assert rmcy.who(tmp_path / "missing", path).missing == (str(tmp_path / "missing"),)


def test_who_finds_one_s_own_program_with_mine(held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    assert [app.process.pid for app in rmcy.who(path, scope="mine")] == [holder.pid]


def test_who_names_a_directory(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=re.escape(repr(str(tmp_path)))) as caught:
        rmcy.who("/bin/sh", tmp_path)
    # It has no parameter `directories` to choose with.
    assert "Name the files in it" in str(caught.value)
    assert "directories=:" not in str(caught.value)
    assert isinstance(caught.value, rmcy.DirectoryRegisteredError)
    assert caught.value.directories == (str(tmp_path),)


def test_who_takes_relative_paths(held_file: tuple[Path, Program], monkeypatch: pytest.MonkeyPatch) -> None:
    path, holder = held_file
    monkeypatch.chdir(path.parent)
    assert [app.process.pid for app in rmcy.who(path.name)] == [holder.pid]


@pytest.mark.linux("Windows tells who, and says nothing of files")
@pytest.mark.parametrize("before", ["./", "././", ".//"])
def test_the_directory_that_is_meant_anyway_is_not_named(
    held_file: tuple[Path, Program], monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    path, _ = held_file
    monkeypatch.chdir(path.parent)
    (app,) = rmcy.who(before + path.name)
    assert [use.path for use in app.uses or ()] == [str(path)]


def test_who_says_what_is_wrong_with_a_path() -> None:
    with pytest.raises(TypeError, match="a path is 5"):
        rmcy.who(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"files\[1\] is an empty string"):
        rmcy.who("/bin/sh", "")


def test_a_list_names_the_caller(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    path = tmp_path / "own"
    with path.open("w"):
        session.register(path)
        answer = session.affected()
    assert RebootReason.DETECTED_SELF in answer.reboot_reasons
    assert [app.type for app in answer] == [AppType.CRITICAL]
    # Windows does not say how many processes it has looked at.
    assert (answer.stats.processes > 0) == (not ON_WINDOWS)
    assert answer.stats.scanner == rmcy.backend_info().scanner
