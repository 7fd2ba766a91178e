# SPDX-License-Identifier: MIT
"""Steps of a plan, and what became of them, as parts of JSON documents and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from rmcy.document import checked, original, printable, process_from_dict, process_to_dict, type_from_word, type_to_word
from rmcy.enums import AppStatus, AppType, ComeBack, Failure, StopAction, StopCause
from rmcy.items import PlanStep, ProgramOutcome
from rmcy.records import UniqueProcess

if TYPE_CHECKING:
    from rmcy.schema import OwnOutcomeDict, PlanStepDict, ProcessDict, ProgramOutcomeDict

__all__: list[str] = []


class _Common(TypedDict):
    """The fields that PlanStep and ProgramOutcome share."""

    name: str
    process: UniqueProcess | None
    processes: tuple[UniqueProcess, ...]
    exe: str | None
    uid: int | None
    service: str | None
    service_manager_uid: int | None
    type: AppType
    status: AppStatus
    action: StopAction
    cause: StopCause
    back: ComeBack
    because: int | None


def _process_or_none(data: ProcessDict | None) -> UniqueProcess | None:
    return None if data is None else process_from_dict(data)


def _number_or_none(data: int | None) -> int | None:
    return None if data is None else checked(data, int)


def _text_or_none(data: str | None, encoded: str | None) -> str | None:
    return None if data is None else original(data, encoded)


def step_to_dict(step: PlanStep | ProgramOutcome) -> PlanStepDict:
    name, name_bytes = printable(step.name)
    data: PlanStepDict = {
        "name": name,
        "process": None if step.process is None else process_to_dict(step.process),
        "processes": [process_to_dict(process) for process in step.processes],
        "exe": None,
        "uid": step.uid,
        "service": None,
        "service_manager_uid": step.service_manager_uid,
        "type": type_to_word(step.type),
        "status": list(step.status.words),
        "action": step.action.value,
        "cause": step.cause.value,
        "back": step.back.value,
        "because": step.because,
        "why": printable(step.why)[0],
    }
    if name_bytes is not None:
        data["name_bytes"] = name_bytes
    if step.exe is not None:
        data["exe"], exe_bytes = printable(step.exe)
        if exe_bytes is not None:
            data["exe_bytes"] = exe_bytes
    if step.service is not None:
        data["service"], service_bytes = printable(step.service)
        if service_bytes is not None:
            data["service_bytes"] = service_bytes
    return data


def _common_from(data: PlanStepDict) -> _Common:
    return {
        "name": original(data["name"], data.get("name_bytes")),
        "process": _process_or_none(data["process"]),
        "processes": tuple(process_from_dict(process) for process in checked(data["processes"], list)),
        "exe": _text_or_none(data["exe"], data.get("exe_bytes")),
        "uid": _number_or_none(data["uid"]),
        "service": _text_or_none(data["service"], data.get("service_bytes")),
        "service_manager_uid": _number_or_none(data["service_manager_uid"]),
        "type": type_from_word(data["type"]),
        "status": AppStatus.from_words(checked(data["status"], list)),
        "action": StopAction(data["action"]),
        "cause": StopCause(data["cause"]),
        "back": ComeBack(data["back"]),
        "because": _number_or_none(data["because"]),
    }


def step_from_dict(data: PlanStepDict) -> PlanStep:
    return PlanStep(**_common_from(data))


def program_to_dict(program: ProgramOutcome) -> ProgramOutcomeDict:
    own: OwnOutcomeDict = {
        "now": None if program.now is None else process_to_dict(program.now),
        "failure": program.failure.value,
        "detail": None,
        "stopped": program.stopped,
        "restarted": program.restarted,
        "forced": program.forced,
        "verified": program.verified,
        "still_holds": program.still_holds,
        "shared": program.shared,
        "was_up": program.was_up,
    }
    data = cast("ProgramOutcomeDict", {**step_to_dict(program), **own})
    if program.detail is not None:
        data["detail"], detail_bytes = printable(program.detail)
        if detail_bytes is not None:
            data["detail_bytes"] = detail_bytes
    return data


def program_from_dict(data: ProgramOutcomeDict) -> ProgramOutcome:
    return ProgramOutcome(
        **_common_from(data),
        now=_process_or_none(data["now"]),
        failure=Failure(data["failure"]),
        detail=_text_or_none(data["detail"], data.get("detail_bytes")),
        forced=checked(data["forced"], bool),
        verified=checked(data["verified"], bool),
        still_holds=checked(data["still_holds"], bool),
        shared=checked(data["shared"], bool),
        was_up=checked(data["was_up"], bool),
    )
