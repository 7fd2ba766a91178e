# SPDX-License-Identifier: MIT
"""What a stop would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Self, final, overload

from rmcy.document import checked, reading, reasons_from
from rmcy.enums import RebootReason, StopAction
from rmcy.errors import IncompleteAnswerError
from rmcy.item_document import step_from_dict, step_to_dict
from rmcy.items import PlanStep
from rmcy.schema import PLAN_SCHEMA

if TYPE_CHECKING:
    from rmcy.schema import PlanDict

__all__ = ["Plan"]


@final
class Plan(Sequence[PlanStep]):
    """What a stop would do, step by step, in the order of stopping. (Ours.)

    An immutable sequence of PlanStep: also of what would be left alone, with
    the cause. Bringing back goes the other way. Given to `shutdown`, nothing
    outside of it is stopped. It can be kept, as JSON or pickled, and shown to
    somebody before it is used.

    The truth value asks "is there anything?". As with AffectedList, bool()
    raises IncompleteAnswerError where there is nothing and that is not
    certain.
    """

    __slots__ = ("_complete", "_force", "_only_registered", "_reboot_reasons", "_steps")

    def __init__(
        self,
        steps: Iterable[PlanStep] = (),
        *,
        complete: bool,
        reboot_reasons: RebootReason = RebootReason.NONE,
        force: bool = False,
        only_registered: bool = False,
    ) -> None:
        self._steps = tuple(steps)
        for step in self._steps:
            if not isinstance(step, PlanStep):
                raise TypeError(f"steps must hold PlanStep records, not {type(step).__name__}")
        self._complete = bool(complete)
        self._reboot_reasons = RebootReason(reboot_reasons)
        self._force = bool(force)
        self._only_registered = bool(only_registered)

    @property
    def complete(self) -> bool:
        """Whether the list that it rests on is complete: nothing was skipped that might matter."""
        return self._complete

    @property
    def reboot_reasons(self) -> RebootReason:
        """Why a restart of the system would still be needed afterwards."""
        return self._reboot_reasons

    @property
    def force(self) -> bool:
        """Whether it was made for a stop by force; `shutdown` has to be told again."""
        return self._force

    @property
    def only_registered(self) -> bool:
        """Whether it was made for a stop of registered programs only; `shutdown` has to be told again."""
        return self._only_registered

    @property
    def stopped(self) -> tuple[PlanStep, ...]:
        """What would be stopped."""
        return tuple(step for step in self._steps if step.stops)

    @property
    def lost(self) -> tuple[PlanStep, ...]:
        """What would be stopped and not come back."""
        return tuple(step for step in self._steps if step.lost)

    @property
    def left_alone(self) -> tuple[PlanStep, ...]:
        """What holds a file and would be left alone all the same; `why` says why."""
        return tuple(step for step in self._steps if step.action is StopAction.NONE)

    def to_dict(self) -> PlanDict:
        """Make the JSON document, schema rmcy.plan/1: the same that the command line prints."""
        return {
            "schema": PLAN_SCHEMA,
            "force": self._force,
            "only_registered": self._only_registered,
            "complete": self._complete,
            "reboot_reasons": list(self._reboot_reasons.words),
            "steps": [step_to_dict(step) for step in self._steps],
        }

    @classmethod
    def from_dict(cls, data: PlanDict) -> Self:
        """Read what `to_dict` made, in this version or a later one of the same schema.

        Raises ValueError for anything else.
        """
        with reading(data, PLAN_SCHEMA):
            return cls(
                [step_from_dict(step) for step in checked(data["steps"], list)],
                complete=checked(data["complete"], bool),
                reboot_reasons=reasons_from(data),
                force=checked(data["force"], bool),
                only_registered=checked(data["only_registered"], bool),
            )

    @overload
    def __getitem__(self, index: int) -> PlanStep: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PlanStep, ...]: ...
    def __getitem__(self, index: int | slice) -> PlanStep | tuple[PlanStep, ...]:
        return self._steps[index]

    def __iter__(self) -> Iterator[PlanStep]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __bool__(self) -> bool:
        if not self._steps and not self._complete:
            raise IncompleteAnswerError(
                "the plan is empty, but not everything could be inspected: ask .complete or len()"
            )
        return bool(self._steps)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<Plan of {len(self._steps)}, {len(self.stopped)} to stop, {len(self.lost)} of them lost>"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self._key(),)

    def _key(self) -> tuple[tuple[PlanStep, ...], bool, RebootReason, bool, bool]:
        return self._steps, self._complete, self._reboot_reasons, self._force, self._only_registered


def _rebuild(key: tuple[tuple[PlanStep, ...], bool, RebootReason, bool, bool]) -> Plan:
    steps, complete, reasons, force, only_registered = key
    return Plan(steps, complete=complete, reboot_reasons=reasons, force=force, only_registered=only_registered)
