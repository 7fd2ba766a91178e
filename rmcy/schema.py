# SPDX-License-Identifier: MIT
"""The JSON documents, as TypedDicts. Within a version they only gain fields.

Numbers of 64 bits are decimal strings, since JavaScript and jq would round
them.  A text is always valid Unicode; where a name is not UTF-8, it holds
U+FFFD for what cannot be shown, and the name itself stands beside it, in
base64, under the same word with ``_bytes`` behind.
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict

__all__ = [
    "AFFECTED_SCHEMA",
    "OUTCOME_SCHEMA",
    "PLAN_SCHEMA",
    "AffectedAppDict",
    "AffectedListDict",
    "FileUseDict",
    "ListStatsDict",
    "OutcomeDict",
    "OwnOutcomeDict",
    "PathDict",
    "PlanDict",
    "PlanStepDict",
    "ProcessDict",
    "ProgramOutcomeDict",
    "SkippedDict",
]

AFFECTED_SCHEMA: Final = "rmcy.affected/1"
PLAN_SCHEMA: Final = "rmcy.plan/1"
OUTCOME_SCHEMA: Final = "rmcy.outcome/1"


class PathDict(TypedDict):
    path: str
    path_bytes: NotRequired[str]


class ProcessDict(TypedDict):
    pid: int
    start_time: str


class FileUseDict(TypedDict):
    path: str
    path_bytes: NotRequired[str]
    kind: str
    deleted: bool
    device: str
    inode: str


class AffectedAppDict(TypedDict):
    process: ProcessDict
    name: str
    name_bytes: NotRequired[str]
    exe: str | None
    exe_bytes: NotRequired[str]
    uid: int | None
    service: str | None
    service_bytes: NotRequired[str]
    service_manager_uid: int | None
    type: str
    status: list[str]
    ts_session_id: int | None
    restartable: bool
    uses: list[FileUseDict] | None


class SkippedDict(TypedDict):
    cause: str
    count: int
    pids: list[int]


class ListStatsDict(TypedDict):
    processes: int
    descriptors: int
    maps: int
    retries: int
    nanoseconds: int
    scanner: str


class AffectedListDict(TypedDict):
    schema: Literal["rmcy.affected/1"]
    complete: bool
    free: bool
    reboot_reasons: list[str]
    apps: list[AffectedAppDict]
    missing: list[PathDict]
    skipped: list[SkippedDict]
    stats: ListStatsDict


class PlanStepDict(TypedDict):
    name: str
    name_bytes: NotRequired[str]
    process: ProcessDict | None
    processes: list[ProcessDict]
    exe: str | None
    exe_bytes: NotRequired[str]
    uid: int | None
    service: str | None
    service_bytes: NotRequired[str]
    service_manager_uid: int | None
    type: str
    status: list[str]
    action: str
    cause: str
    back: str
    because: int | None
    why: str


class OwnOutcomeDict(TypedDict):
    """The fields that an outcome has and a step has not."""

    now: ProcessDict | None
    failure: str
    detail: str | None
    detail_bytes: NotRequired[str]
    stopped: bool
    restarted: bool
    forced: bool
    verified: bool
    still_holds: bool
    shared: bool
    was_up: bool


class ProgramOutcomeDict(PlanStepDict, OwnOutcomeDict):
    """What became of a program: the step, and what is the outcome's own."""


class PlanDict(TypedDict):
    schema: Literal["rmcy.plan/1"]
    force: bool
    only_registered: bool
    complete: bool
    reboot_reasons: list[str]
    steps: list[PlanStepDict]


class OutcomeDict(TypedDict):
    schema: Literal["rmcy.outcome/1"]
    phase: str
    ok: bool
    complete: bool
    reboot_reasons: list[str]
    programs: list[ProgramOutcomeDict]
