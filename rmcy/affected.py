# SPDX-License-Identifier: MIT
"""The answer to "who uses these files?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, final, overload

from rmcy._answer import Programs, Rows
from rmcy._columns import capsules
from rmcy.columns import columns
from rmcy.document import (
    app_from_dict,
    checked,
    list_to_dict,
    path_from_dict,
    reading,
    reasons_from,
    skipped_from,
    stats_from,
)
from rmcy.enums import RebootReason
from rmcy.errors import IncompleteAnswerError
from rmcy.records import AffectedApp, ListStats, Skipped
from rmcy.schema import AFFECTED_SCHEMA

if TYPE_CHECKING:
    from rmcy.schema import AffectedListDict

__all__ = ["AffectedList", "NumberColumn"]

NumberColumn: TypeAlias = Literal["pid", "start_time", "type", "status", "ts_session_id", "restartable"]
"""A column of `AffectedList.numbers`."""

_Key: TypeAlias = tuple[tuple[AffectedApp, ...], bool, tuple[Skipped, ...], tuple[str, ...], RebootReason, ListStats]


@final
class AffectedList(Rows, Sequence[AffectedApp]):
    """The programs that are affected, and how far the answer can be trusted.

    An immutable sequence of AffectedApp. A slice is a plain tuple: a part of
    the programs does not answer the question, so it has nothing to say about
    completeness.

    The truth value asks "is there somebody?". Where nobody was found but
    something could not be inspected there is no honest answer, and bool()
    raises IncompleteAnswerError.

    Records are made when they are touched. As a buffer it is an array with a
    row for each program, RM_PROCESS_INFO (668 bytes), which NumPy sees without
    a copy: ``numpy.asarray(answer)["pid"]``. pyarrow, polars, pandas and duckdb read it
    by Arrow's interface: ``pyarrow.record_batch(answer)``.

    Windows and Linux: on Windows `complete` is always true and `skipped` is
    empty, since that system does not tell.
    """

    __slots__ = ("_complete", "_missing", "_reboot_reasons", "_skipped", "_stats")

    def __init__(
        self,
        apps: Iterable[AffectedApp] = (),
        *,
        complete: bool,
        skipped: Iterable[Skipped] = (),
        missing: Iterable[str] = (),
        reboot_reasons: RebootReason = RebootReason.NONE,
        stats: ListStats | None = None,
    ) -> None:
        self._set(Programs(tuple(apps)), complete, skipped, missing, reboot_reasons, stats)

    @classmethod
    def _of(
        cls,
        programs: Programs,
        *,
        complete: bool,
        skipped: Iterable[Skipped],
        missing: Iterable[str],
        reboot_reasons: RebootReason,
        stats: ListStats | None,
    ) -> Self:
        # No record is made before somebody looks at it.
        self = cls.__new__(cls)
        self._set(programs, complete, skipped, missing, reboot_reasons, stats)
        return self

    def _set(
        self,
        programs: Programs,
        complete: bool,
        skipped: Iterable[Skipped],
        missing: Iterable[str],
        reboot_reasons: RebootReason,
        stats: ListStats | None,
    ) -> None:
        self._programs = programs
        self._complete = bool(complete)
        self._skipped = tuple(skipped)
        self._missing = tuple(missing)
        self._reboot_reasons = RebootReason(reboot_reasons)
        self._stats = ListStats() if stats is None else stats

    @property
    def complete(self) -> bool:
        """Whether the question is settled for each file: nothing was skipped that might matter."""
        return self._complete

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What could not be inspected, by cause."""
        return self._skipped

    @property
    def missing(self) -> tuple[str, ...]:
        """The registered names that nothing has now, and services that no service manager knows (ours)."""
        return self._missing

    @property
    def reboot_reasons(self) -> RebootReason:
        """Why the files cannot all be freed without a restart of the system (RmGetList)."""
        return self._reboot_reasons

    @property
    def stats(self) -> ListStats:
        """What the list cost."""
        return self._stats

    @property
    def free(self) -> bool:
        """Nobody uses the files, and that is certain."""
        return self._complete and not len(self._programs)

    def raise_if_incomplete(self) -> Self:
        """Give the list back, or raise IncompleteAnswerError where something could not be inspected."""
        if not self._complete:
            raise IncompleteAnswerError(f"the answer is incomplete: {self._why()}")
        return self

    def to_dict(self) -> AffectedListDict:
        """Make the JSON document, schema rmcy.affected/1: the same that the command line prints."""
        return list_to_dict(self)

    @classmethod
    def from_dict(cls, data: AffectedListDict) -> Self:
        """Read what `to_dict` made, in this version or a later one of the same schema.

        Raises ValueError for anything else.
        """
        with reading(data, AFFECTED_SCHEMA):
            return cls(
                [app_from_dict(app) for app in checked(data["apps"], list)],
                complete=checked(data["complete"], bool),
                skipped=skipped_from(data),
                missing=[path_from_dict(path) for path in checked(data["missing"], list)],
                reboot_reasons=reasons_from(data),
                stats=stats_from(data),
            )

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Give the programs to Arrow, as an array of structs with the columns of `to_dict`.

        Text that is not Unicode shows as U+FFFD; `device` and `inode` are
        numbers. A wish for another schema is not heard.
        """
        return capsules(columns(self, self.numbers()))

    def numbers(self) -> dict[NumberColumn, memoryview]:
        """Make columns of the numbers of all programs, without a record being made. (Ours.)

        Each is a read-only buffer with an entry for each program, in order:
        pid, status and ts_session_id of 32 bits unsigned (no session is
        0xFFFFFFFF), start_time of 64 bits unsigned, type of 32 bits, and
        restartable, a truth value. `numpy.asarray` sees them without a copy.
        """
        return self._programs.numbers()

    @overload
    def __getitem__(self, index: int) -> AffectedApp: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[AffectedApp, ...]: ...
    def __getitem__(self, index: int | slice) -> AffectedApp | tuple[AffectedApp, ...]:
        return self._programs[index]

    def __iter__(self) -> Iterator[AffectedApp]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)

    def __bool__(self) -> bool:
        if not len(self._programs) and not self._complete:
            raise IncompleteAnswerError(
                f"nobody was found, but not everything could be inspected: {self._why()}. "
                "Ask .free, .complete or len(), or call raise_if_incomplete()."
            )
        return len(self._programs) > 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AffectedList):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<AffectedList of {len(self._programs)}, {'complete' if self._complete else 'incomplete'}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self._key(),)

    def _key(self) -> _Key:
        return (tuple(self._programs), self._complete, self._skipped, self._missing, self._reboot_reasons, self._stats)

    def _why(self) -> str:
        causes = [f"{skip.cause.value} ({skip.count or 'uncounted'})" for skip in self._skipped]
        return ", ".join(causes) or "the system did not say why"


def _rebuild(key: _Key) -> AffectedList:
    apps, complete, skipped, missing, reboot_reasons, stats = key
    return AffectedList(
        apps, complete=complete, skipped=skipped, missing=missing, reboot_reasons=reboot_reasons, stats=stats
    )
