# SPDX-License-Identifier: MIT
"""What a stop would do: asked of real programs, kept as JSON, and held to by the stop."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import rmcy
from rmcy import AppStatus, AppType, ComeBack, Plan, PlanStep, RebootReason, StopAction, StopCause, UniqueProcess

from fix_comeback import Comebacks
from fix_holders import Holders
from fix_process import OWN_UID, lives
from fix_program import Program

SERVICE = PlanStep(
    name="caf\udce9",
    process=UniqueProcess(1, 2**63),
    processes=(UniqueProcess(1, 2**63), UniqueProcess(2, 5)),
    exe="/bin/\udcff",
    uid=0,
    service="a@\udcff.service",
    service_manager_uid=1000,
    type=AppType.SERVICE,
    status=AppStatus.RUNNING,
    action=StopAction.UNIT,
    back=ComeBack.UNIT,
)
SOCKET = PlanStep(
    name="a.socket", service="a.socket", action=StopAction.UNIT, cause=StopCause.TRIGGERS, back=ComeBack.UNIT, because=0
)
LOST = PlanStep(name="lost", process=UniqueProcess(3, 1), action=StopAction.SIGNAL)
ALONE = PlanStep(name="init", process=UniqueProcess(1, 1), type=AppType.CRITICAL, cause=StopCause.CRITICAL)
FULL = Plan(
    [SERVICE, SOCKET, LOST, ALONE],
    complete=False,
    reboot_reasons=RebootReason.CRITICAL_PROCESS,
    force=True,
    only_registered=True,
)


def test_it_is_an_immutable_sequence() -> None:
    assert isinstance(FULL, Sequence)
    assert (len(FULL), FULL[0], FULL[-1], FULL[1:3]) == (4, SERVICE, ALONE, (SOCKET, LOST))
    assert (FULL.stopped, FULL.lost, FULL.left_alone) == ((SERVICE, SOCKET, LOST), (LOST,), (ALONE,))
    for name in ("complete", "reboot_reasons", "force", "lost"):
        with pytest.raises(AttributeError):
            setattr(FULL, name, None)
    with pytest.raises(TypeError, match="steps must hold PlanStep records, not str"):
        Plan(["x"], complete=True)  # type: ignore[list-item]


def test_nothing_is_said_only_when_it_is_known() -> None:
    assert FULL
    assert not Plan(complete=True)
    with pytest.raises(rmcy.IncompleteAnswerError, match="the plan is empty, but"):
        bool(Plan(complete=False))


def test_each_step_says_why() -> None:
    assert SERVICE.why == ""
    assert SOCKET.why == "it would start another unit again"
    assert LOST.why == "nobody knows how to start it"
    assert ALONE.why == "the system, or the login of whoever calls, needs it"
    assert (SERVICE.label, SOCKET.label) == ("a@\udcff.service (1)", "a.socket")
    # Every cause and way back has words of its own.
    whys = [PlanStep(name="x", cause=cause).why for cause in StopCause]
    assert len(set(whys)) == len(whys)


def test_json_brings_everything_back() -> None:
    for plan in (FULL, Plan(complete=True), FULL[2:3] and Plan(FULL[2:3], complete=True)):
        text = json.dumps(plan.to_dict(), ensure_ascii=False)
        again = Plan.from_dict(json.loads(text.encode("utf-8")))
        assert again == plan
        assert hash(again) == hash(plan)


def test_json_has_the_shape_of_its_schema() -> None:
    data: Any = json.loads(json.dumps(FULL.to_dict()))
    assert (data["schema"], data["force"], data["complete"]) == ("rmcy.plan/1", True, False)
    assert data["reboot_reasons"] == ["critical_process"]
    first, second, lost, _ = data["steps"]
    assert first["process"] == {"pid": 1, "start_time": str(2**63)}
    assert (first["action"], first["cause"], first["back"], first["type"]) == ("unit", "none", "unit", "service")
    assert (second["process"], second["because"], second["cause"]) == (None, 0, "triggers")
    assert lost["why"] == "nobody knows how to start it"


@pytest.mark.parametrize(
    "spoil",
    [
        {"schema": "rmcy.plan/2"},
        {"steps": 5},
        {"steps": [{}]},
        {"force": 1},
        {"complete": "true"},
        {"reboot_reasons": ["bored"]},
        {"steps": [{**FULL.to_dict()["steps"][0], "action": "ask nicely"}]},
        {"steps": [{**FULL.to_dict()["steps"][0], "because": "0"}]},
        {"steps": [{**FULL.to_dict()["steps"][0], "process": {"pid": True, "start_time": "1"}}]},
        {"steps": [{**FULL.to_dict()["steps"][0], "process": {"pid": 1, "start_time": float("inf")}}]},
        {"steps": [{**FULL.to_dict()["steps"][0], "process": {"pid": 1, "start_time": "1.5"}}]},
        {"steps": [{**FULL.to_dict()["steps"][0], "process": {"pid": 1, "start_time": " 5"}}]},
    ],
)
def test_what_is_no_document_is_refused(spoil: dict[str, object]) -> None:
    data: Any = {**FULL.to_dict(), **spoil}
    with pytest.raises(ValueError, match=r"not a document of rmcy\.plan/1"):
        Plan.from_dict(data)


def test_a_plan_names_a_holder_and_does_nothing(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    session.register(path)
    plan = session.plan()
    (step,) = plan
    process = UniqueProcess.from_pid(holder.pid)
    assert (step.process, step.processes, step.uid) == (process, (process,), OWN_UID)
    assert (step.action, step.cause, step.back) == (StopAction.SIGNAL, StopCause.NONE, ComeBack.NO)
    assert step.lost
    assert step.why == "nobody knows how to start it"
    assert plan == session.plan()
    assert session.plan(force=True).force
    assert lives(holder.pid)


def test_a_registered_program_would_come_back(session: rmcy.PrimarySession, comebacks: Comebacks, held: Path) -> None:
    comebacks.start(held)
    session.register(held)
    (step,) = session.plan()
    assert (step.back, step.lost) == (ComeBack.REGISTERED, False)


def test_the_caller_would_be_left_alone(session: rmcy.PrimarySession, held: Path) -> None:
    with held.open():
        session.register(held)
        plan = session.plan()
    assert [(step.process and step.process.pid, step.cause) for step in plan] == [(os.getpid(), StopCause.SELF)]
    assert RebootReason.DETECTED_SELF in plan.reboot_reasons


def test_refuse_would_stop_nothing(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    with path.open():
        session.register(path)
        causes = {step.process.pid: step.cause for step in session.plan(on_critical="refuse") if step.process}
    assert causes[holder.pid] is StopCause.NOTHING_DONE


def test_the_stop_holds_to_the_plan_however_it_came(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], holders: Holders
) -> None:
    path, holder = held_file
    session.register(path)
    plan = Plan.from_dict(json.loads(json.dumps(pickle.loads(pickle.dumps(session.plan())).to_dict())))
    newcomer = holders.start("open_file", path)
    with session.shutdown(plan, partial_ok=True) as stopped:
        assert not lives(holder.pid)
        assert lives(newcomer)
        causes = {program.process.pid: program.cause for program in stopped.outcome if program.process is not None}
        assert causes == {holder.pid: StopCause.NONE, newcomer: StopCause.NOT_PLANNED}
    with pytest.raises(rmcy.ShutdownIncompleteError, match="it came up after the plan was made"):
        session.shutdown(plan)
    assert lives(newcomer)


def test_an_empty_plan_stops_nothing(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    session.register(path)
    with session.shutdown(Plan(complete=True), partial_ok=True):
        assert lives(holder.pid)


def test_a_plan_by_hand_is_checked(session: rmcy.PrimarySession) -> None:
    with pytest.raises(ValueError, match="a NUL character") as caught:
        session.shutdown(Plan([PlanStep(name="x", service="a\0b")], complete=True))
    # Nothing had been stopped, so there is nothing to say of a restart.
    assert not hasattr(caught.value, "__notes__")
    with session.shutdown():
        pass
