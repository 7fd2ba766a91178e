# SPDX-License-Identifier: MIT
"""What became of the programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Self, final, overload

from rmcy.document import checked, reading, reasons_from
from rmcy.enums import Phase, RebootReason, StopAction
from rmcy.item_document import program_from_dict, program_to_dict
from rmcy.items import ProgramOutcome
from rmcy.schema import OUTCOME_SCHEMA

if TYPE_CHECKING:
    from rmcy.schema import OutcomeDict

__all__ = ["Outcome"]


@final
class Outcome(Sequence[ProgramOutcome]):
    """What became of each program: stopped, brought back, seen running as which process, or failed, and why. (Ours.)

    An immutable sequence of ProgramOutcome, in the order of stopping. Its
    length says how many programs it speaks of, its truth value whether there
    are any; whether all went well is `ok`.
    """

    __slots__ = ("_complete", "_phase", "_programs", "_reboot_reasons")

    def __init__(
        self,
        programs: Iterable[ProgramOutcome] = (),
        *,
        phase: Phase = Phase.SHUTDOWN,
        complete: bool = True,
        reboot_reasons: RebootReason = RebootReason.NONE,
    ) -> None:
        self._programs = tuple(programs)
        for program in self._programs:
            if not isinstance(program, ProgramOutcome):
                raise TypeError(f"programs must hold ProgramOutcome records, not {type(program).__name__}")
        self._phase = Phase(phase)
        self._complete = bool(complete)
        self._reboot_reasons = RebootReason(reboot_reasons)

    @property
    def phase(self) -> Phase:
        """What was done last: SHUTDOWN as long as programs are stopped, then RESTART; RECOVER from `rmcy.recover`."""
        return self._phase

    @property
    def complete(self) -> bool:
        """Whether the list that it rests on is complete: nothing was skipped that might matter."""
        return self._complete

    @property
    def reboot_reasons(self) -> RebootReason:
        """Why a restart of the system is still needed."""
        return self._reboot_reasons

    @property
    def ok(self) -> bool:
        """Whether what was to be stopped was stopped and, after the restart, is back.

        What was left alone does not count against it, see `left_alone` and
        `reboot_reasons`; nor does what a filter keeps stopped.
        """
        return not self.failed

    @property
    def stopped(self) -> tuple[ProgramOutcome, ...]:
        """What was stopped; also what is back by now."""
        return tuple(program for program in self._programs if program.stopped)

    @property
    def restarted(self) -> tuple[ProgramOutcome, ...]:
        """What was brought back."""
        return tuple(program for program in self._programs if program.restarted)

    @property
    def down(self) -> tuple[ProgramOutcome, ...]:
        """What was stopped and is not back."""
        return tuple(program for program in self._programs if program.down)

    @property
    def failed(self) -> tuple[ProgramOutcome, ...]:
        """What could not be stopped, did not stay stopped, or could not be brought back; `why` says why."""
        still_down = self._phase is Phase.SHUTDOWN
        return tuple(program for program in self._programs if program.failed or (still_down and program.was_up))

    @property
    def left_alone(self) -> tuple[ProgramOutcome, ...]:
        """What holds a file and was left alone; `why` says why."""
        return tuple(program for program in self._programs if program.action is StopAction.NONE)

    def to_dict(self) -> OutcomeDict:
        """Make the JSON document, schema rmcy.outcome/1: the same that the command line prints."""
        return {
            "schema": OUTCOME_SCHEMA,
            "phase": self._phase.value,
            "ok": self.ok,
            "complete": self._complete,
            "reboot_reasons": list(self._reboot_reasons.words),
            "programs": [program_to_dict(program) for program in self._programs],
        }

    @classmethod
    def from_dict(cls, data: OutcomeDict) -> Self:
        """Read what `to_dict` made, in this version or a later one of the same schema.

        Raises ValueError for anything else.
        """
        with reading(data, OUTCOME_SCHEMA):
            return cls(
                [program_from_dict(program) for program in checked(data["programs"], list)],
                phase=Phase(data["phase"]),
                complete=checked(data["complete"], bool),
                reboot_reasons=reasons_from(data),
            )

    @overload
    def __getitem__(self, index: int) -> ProgramOutcome: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ProgramOutcome, ...]: ...
    def __getitem__(self, index: int | slice) -> ProgramOutcome | tuple[ProgramOutcome, ...]:
        return self._programs[index]

    def __iter__(self) -> Iterator[ProgramOutcome]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return "\n".join(f"{program.label}: {_told(program)}" for program in self._programs) or "no program"

    def __repr__(self) -> str:
        counts = f"{len(self.stopped)} stopped, {len(self.restarted)} restarted, {len(self.failed)} failed"
        return f"<Outcome of {len(self._programs)} after {self._phase.value}: {counts}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self._key(),)

    def _key(self) -> tuple[tuple[ProgramOutcome, ...], Phase, bool, RebootReason]:
        return self._programs, self._phase, self._complete, self._reboot_reasons


def _told(program: ProgramOutcome) -> str:
    """What became of it, in a few words."""
    parts = []
    if program.action is StopAction.NONE:
        parts.append("left alone")
    elif program.stopped:
        parts.append("killed" if program.forced else "stopped")
    if program.restarted or program.was_up:
        parts.append("runs again" if program.now is None else f"runs again as {program.now.pid}")
    elif program.shared:
        parts.append("another session brings it back")
    if program.failed:
        parts.append("not back" if program.stopped else "not stopped")
    text = ", ".join(parts) or "nothing was done"
    return f"{text}: {program.why}" if program.why else text


def _rebuild(key: tuple[tuple[ProgramOutcome, ...], Phase, bool, RebootReason]) -> Outcome:
    programs, phase, complete, reasons = key
    return Outcome(programs, phase=phase, complete=complete, reboot_reasons=reasons)
