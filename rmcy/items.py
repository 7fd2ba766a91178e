# SPDX-License-Identifier: MIT
"""What is stopped and brought back as one: a service with all its processes, or a single process."""

from __future__ import annotations

from dataclasses import dataclass

from rmcy.enums import AppStatus, AppType, ComeBack, Failure, Phase, StopAction, StopCause
from rmcy.records import UniqueProcess

__all__ = ["PlanStep", "ProgramOutcome", "Progress"]

_LEFT_ALONE = {
    StopCause.CRITICAL: "the system, or the login of whoever calls, needs it",
    StopCause.SELF: "it is the caller, or something that the caller descends from",
    StopCause.PERMISSION: "this user may not stop it",
    StopCause.MASKED: "a filter says so",
    StopCause.REFUSES: "the unit refuses to be stopped by hand",
    StopCause.UNREACHABLE: "its service manager does not answer",
    StopCause.NOT_REGISTERED: "it is not registered for a restart",
    StopCause.NOT_PLANNED: "it came up after the plan was made",
    StopCause.NOTHING_DONE: "because of another program nothing is stopped at all",
    StopCause.CANCELLED: "its turn had not come when the stop was cancelled",
}
_STOPPED_TOO = {
    StopCause.DEPENDS: "it goes down with another unit",
    StopCause.TRIGGERS: "it would start another unit again",
}
_FAILED = {
    Failure.TIMEOUT: "not in time",
    Failure.PERMISSION: "this user may not do that",
    Failure.MANAGER: "the service manager's job failed",
    Failure.START_LIMIT: "it was started too often, and its service manager refuses for now",
    Failure.ENDED: "it was started and ended again",
    Failure.UNREACHABLE: "its service manager does not answer",
    Failure.NO_WAY: "nobody knows how to start it",
    Failure.SYSTEM: "the system reports an error",
}
_NOT_BACK = {
    ComeBack.NO: "nobody knows how to start it",
    ComeBack.MASKED: "a filter says that it stays stopped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    name: str
    process: UniqueProcess | None = None
    processes: tuple[UniqueProcess, ...] = ()
    exe: str | None = None
    uid: int | None = None
    service: str | None = None
    service_manager_uid: int | None = None
    type: AppType = AppType.UNKNOWN
    status: AppStatus = AppStatus.UNKNOWN
    action: StopAction = StopAction.NONE
    cause: StopCause = StopCause.NONE
    back: ComeBack = ComeBack.NO
    because: int | None = None

    @property
    def label(self) -> str:
        """The program for a person: its unit or its name, and the pid where it has one."""
        name = self.service or self.name or self.exe or "a program"
        return name if self.process is None else f"{name} ({self.process.pid})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep(_Item):
    """What a stop would do with one program: a service with all its processes, or a single process. (Ours.)

    `name`: what a person calls it. `process`: it, or the main process of a
    service; None where there is none. `processes`: the affected ones that it
    stands for. `exe`, `uid`, `service`, `service_manager_uid`, `type`: as of
    AffectedApp. `action`: what would be done, and `cause` why, where that is
    not because it holds a file. `back`: how it would come back. `because`:
    the index of the step that `cause` speaks of.
    """

    @property
    def stops(self) -> bool:
        """Whether it would be stopped."""
        return self.action is not StopAction.NONE

    @property
    def lost(self) -> bool:
        """Whether it would be stopped and not come back."""
        return self.stops and self.back not in (ComeBack.UNIT, ComeBack.REGISTERED)

    @property
    def why(self) -> str:
        """Why it is left alone, stopped though it holds nothing, or would not come back; "" where all is plain."""
        if not self.stops:
            return _LEFT_ALONE.get(self.cause, "" if self.cause is StopCause.NONE else self.cause.value)
        parts = [_STOPPED_TOO.get(self.cause, "" if self.cause is StopCause.NONE else self.cause.value)]
        if self.lost:
            parts.append(_NOT_BACK.get(self.back, self.back.value))
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOutcome(_Item):
    """What became of one program: a service with all its processes, or a single process. (Ours.)

    What it has in common with PlanStep is explained there. `status`: its
    history, as in RM_APP_STATUS. `failure`: of the stop, or of the start where
    that was tried; `detail`: what the system said of it. `forced`: it was
    killed. `now`: the process that runs since the restart. `verified`: it was
    seen running after the restart, and on Linux not to end within a fifth of a
    second. `still_holds`: it holds a registered file after all. `shared`:
    another session has it stopped too and brings it back. `was_up`: somebody
    else had started it already.
    """

    now: UniqueProcess | None = None
    failure: Failure = Failure.NONE
    detail: str | None = None
    forced: bool = False
    verified: bool = False
    still_holds: bool = False
    shared: bool = False
    was_up: bool = False

    @property
    def stopped(self) -> bool:
        """Whether it was stopped in this session; true also when it is back."""
        return AppStatus.STOPPED in self.status

    @property
    def restarted(self) -> bool:
        """Whether it was brought back."""
        return AppStatus.RESTARTED in self.status

    @property
    def failed(self) -> bool:
        """Whether it could not be stopped, or not be brought back."""
        return self.failure is not Failure.NONE

    @property
    def down(self) -> bool:
        """Whether it was stopped, is not back, and nobody else brings it back."""
        return self.stopped and not (self.restarted or self.was_up or self.shared)

    @property
    def why(self) -> str:
        """Why it failed or was left alone, as a sentence without a full stop; "" where all went well."""
        if self.failed:
            text = _FAILED.get(self.failure, self.failure.value)
            return f"{text}: {self.detail}" if self.detail else text
        if self.action is StopAction.NONE:
            return _LEFT_ALONE.get(self.cause, "" if self.cause is StopCause.NONE else self.cause.value)
        return "somebody else had started it again" if self.was_up else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stop or a restart is. (RM_WRITE_STATUS_CALLBACK; the phase and the program are ours.)

    `percent` grows strictly within one phase. `app`: the program that was
    just dealt with, or None where it is about none; its `processes` are not
    filled in.
    """

    phase: Phase
    percent: int
    app: ProgramOutcome | None = None
