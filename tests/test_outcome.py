# SPDX-License-Identifier: MIT
"""What became of the programs: as a sequence, in words, as JSON, and in errors."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Sequence
from typing import Any

import pytest

import rmcy
from rmcy import (
    AppStatus,
    AppType,
    ComeBack,
    Failure,
    Outcome,
    Phase,
    ProgramOutcome,
    RebootReason,
    StopAction,
    StopCause,
    UniqueProcess,
)

PROCESS = UniqueProcess(7, 2**60 + 1)
BACK = ProgramOutcome(
    name="caf\udce9",
    process=PROCESS,
    processes=(PROCESS,),
    exe="/bin/\udcff",
    uid=33,
    service="a.service",
    type=AppType.SERVICE,
    status=AppStatus.STOPPED | AppStatus.RESTARTED | AppStatus.RUNNING,
    action=StopAction.UNIT,
    back=ComeBack.UNIT,
    now=UniqueProcess(8, 2**60 + 2),
    verified=True,
    forced=True,
)
STUCK = ProgramOutcome(
    name="stuck",
    process=UniqueProcess(9, 1),
    status=AppStatus.RUNNING | AppStatus.ERROR_ON_STOP,
    action=StopAction.SIGNAL,
    failure=Failure.TIMEOUT,
    detail="half a pair: \ud800, a byte: \udcff",
    still_holds=True,
)
GONE = ProgramOutcome(
    name="gone",
    status=AppStatus.STOPPED,
    action=StopAction.SIGNAL,
    failure=Failure.NO_WAY,
    process=UniqueProcess(10, 1),
)
ALONE = ProgramOutcome(name="init", cause=StopCause.CRITICAL, type=AppType.CRITICAL)
SHARED = ProgramOutcome(name="b", service="b.service", status=AppStatus.STOPPED, action=StopAction.UNIT, shared=True)
FULL = Outcome(
    [BACK, STUCK, GONE, ALONE, SHARED],
    phase=Phase.RESTART,
    complete=False,
    reboot_reasons=RebootReason.CRITICAL_PROCESS,
)


def test_it_is_an_immutable_sequence() -> None:
    assert isinstance(FULL, Sequence)
    assert (len(FULL), FULL[0], FULL[-1], FULL[1:3]) == (5, BACK, SHARED, (STUCK, GONE))
    assert FULL.stopped == (BACK, GONE, SHARED)
    assert FULL.restarted == (BACK,)
    assert FULL.down == (GONE,)
    assert FULL.failed == (STUCK, GONE)
    assert FULL.left_alone == (ALONE,)
    for name in ("ok", "phase", "complete", "reboot_reasons", "failed"):
        with pytest.raises(AttributeError):
            setattr(FULL, name, None)
    with pytest.raises(TypeError, match="programs must hold ProgramOutcome records, not PlanStep"):
        Outcome([rmcy.PlanStep(name="x")])  # type: ignore[list-item]


def test_ok_is_about_what_was_to_be_done() -> None:
    assert Outcome().ok
    assert Outcome([BACK, ALONE, SHARED], phase=Phase.RESTART).ok
    assert not Outcome([STUCK]).ok
    assert not Outcome([GONE], phase=Phase.RESTART).ok
    # Started again in the middle of the patch, by somebody else.
    again = ProgramOutcome(name="x", status=AppStatus.STOPPED, action=StopAction.UNIT, was_up=True)
    assert not Outcome([again], phase=Phase.SHUTDOWN).ok
    assert again.why == "somebody else had started it again"
    assert Outcome([again], phase=Phase.RESTART).ok


def test_it_says_what_became_of_each() -> None:
    assert str(FULL).splitlines() == [
        "a.service (7): killed, runs again as 8",
        f"stuck (9): not stopped: not in time: {STUCK.detail}",
        "gone (10): stopped, not back: nobody knows how to start it",
        "init: left alone: the system, or the login of whoever calls, needs it",
        "b.service: stopped, another session brings it back",
    ]
    assert str(Outcome()) == "no program"
    assert repr(FULL) == "<Outcome of 5 after restart: 3 stopped, 1 restarted, 2 failed>"
    whys = {ProgramOutcome(name="x", failure=failure).why for failure in Failure if failure is not Failure.NONE}
    assert len(whys) == len(Failure) - 1
    assert all(why for why in whys)


def test_json_brings_everything_back() -> None:
    for outcome in (FULL, Outcome()):
        text = json.dumps(outcome.to_dict(), ensure_ascii=False)
        again = Outcome.from_dict(json.loads(text.encode("utf-8")))
        assert again == outcome
        assert hash(again) == hash(outcome)


def test_json_has_the_shape_of_its_schema() -> None:
    data: Any = json.loads(json.dumps(FULL.to_dict()))
    assert (data["schema"], data["phase"], data["ok"], data["complete"]) == ("rmcy.outcome/1", "restart", False, False)
    back, stuck = data["programs"][:2]
    assert back["now"] == {"pid": 8, "start_time": str(2**60 + 2)}
    assert (back["stopped"], back["restarted"], back["verified"], back["forced"]) == (True, True, True, True)
    assert (stuck["failure"], stuck["action"], stuck["still_holds"]) == ("timeout", "signal", True)
    assert stuck["status"] == ["running", "error_on_stop"]
    assert stuck["detail"] == "half a pair: \ufffd, a byte: \ufffd"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud800\udcff", "\udced\udca0\udc80", "\U0001f600\ud83d"])
def test_any_text_travels_in_json(text: str) -> None:
    outcome = Outcome([ProgramOutcome(name=text, exe=text, service=text, detail=text)])
    told = json.dumps(outcome.to_dict(), ensure_ascii=False).encode("utf-8")
    assert Outcome.from_dict(json.loads(told)) == outcome


@pytest.mark.parametrize(
    "spoil",
    [
        {"schema": "rmcy.plan/1"},
        {"programs": {}},
        {"programs": [{}]},
        {"phase": "later"},
        {"complete": None},
        {"programs": [{**FULL.to_dict()["programs"][0], "forced": 1}]},
        {"programs": [{**FULL.to_dict()["programs"][0], "failure": "boredom"}]},
    ],
)
def test_what_is_no_document_is_refused(spoil: dict[str, object]) -> None:
    data: Any = {**FULL.to_dict(), **spoil}
    with pytest.raises(ValueError, match=r"not a document of rmcy\.outcome/1"):
        Outcome.from_dict(data)


def test_what_nobody_knows_yet_is_kept() -> None:
    data: Any = FULL.to_dict()
    data["phase"] = "unknown_9"
    data["programs"][0]["cause"] = "unknown_77"
    outcome = Outcome.from_dict(data)
    assert outcome.phase.name == "UNKNOWN_9"
    assert outcome[0].cause is StopCause("unknown_77")
    assert Outcome.from_dict(outcome.to_dict()) == outcome


@pytest.mark.parametrize("kind", [rmcy.ShutdownIncompleteError, rmcy.RestartIncompleteError])
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_keeps_its_outcome(
    kind: type[rmcy.ShutdownIncompleteError] | type[rmcy.RestartIncompleteError], way: Any
) -> None:
    error = kind(351, "RmShutdown", "x", advice="y")
    assert error.outcome == Outcome()
    error.outcome = FULL
    assert way(error).outcome == FULL
    assert str(way(error)) == "x. y"
