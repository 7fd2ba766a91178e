# SPDX-License-Identifier: MIT
"""The header's enumerations, and those of rmcy's own answers.

A value that is not known here (a newer Windows, a newer engine) is kept: an
enumeration gives a pseudo-member named ``UNKNOWN_<value>``, a set of flags
keeps the bit.
"""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag, StrEnum
from typing import Self

__all__ = [
    "AppStatus",
    "AppType",
    "ComeBack",
    "Failure",
    "FilterAction",
    "Phase",
    "RebootReason",
    "SessionState",
    "SkipCause",
    "StopAction",
    "StopCause",
    "UseKind",
]


class _OpenIntEnum(IntEnum):
    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = int(value)
        # Two threads may meet the same new value: whoever comes second gets the first one's member.
        known: Self = cls._value2member_map_.setdefault(value, member)  # type: ignore[assignment]
        return known

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[int]]:
        # By value: before Python 3.11.4 it went by name, which a pseudo-member has not in its class.
        return type(self), (self._value_,)


class _OpenStrEnum(StrEnum):
    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not (isinstance(value, str) and value.startswith("unknown_") and value[8:].isdecimal()):
            return None
        member = str.__new__(cls, value)
        member._name_ = value.upper()
        member._value_ = str(value)
        known: Self = cls._value2member_map_.setdefault(value, member)  # type: ignore[assignment]
        return known

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[str]]:
        return type(self), (self._value_,)


class _OpenIntFlag(IntFlag, boundary=KEEP):
    @classmethod
    def _missing_(cls, value: object) -> Self:
        member: Self = super()._missing_(value)
        if member._value_ and not all(word in cls._known() for word in member.words):
            member._name_ = "|".join(member.words).upper()
        return member

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[int]]:
        return type(self), (self._value_,)

    @classmethod
    def _known(cls) -> dict[str, int]:
        return {str(member.name).lower(): member.value for member in cls}

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the bits that are set, lowest first, in lower case; ``unknown_<bit>`` where there is none."""
        names = {value: word for word, value in self._known().items()}
        bits = (1 << n for n in range(self.value.bit_length()))
        return tuple(names.get(bit, f"unknown_{bit}") for bit in bits if self.value & bit)

    @classmethod
    def from_words(cls, words: tuple[str, ...] | list[str]) -> Self:
        """Put together what `words` took apart; ValueError for a word that is none of ours."""
        names = cls._known()
        value = 0
        for word in words:
            if word in names:
                value |= names[word]
            elif word.startswith("unknown_") and word[8:].isdecimal():
                value |= int(word[8:])
            else:
                raise ValueError(f"{word!r} is not a {cls.__name__}")
        return cls(value)


class AppType(_OpenIntEnum):
    """RM_APP_TYPE: what kind of program it is, which decides how it would be stopped."""

    UNKNOWN = 0
    MAIN_WINDOW = 1
    OTHER_WINDOW = 2
    SERVICE = 3
    EXPLORER = 4
    CONSOLE = 5
    CRITICAL = 1000


class AppStatus(_OpenIntFlag):
    """RM_APP_STATUS: what has happened to the program in this session."""

    UNKNOWN = 0
    RUNNING = 0x1
    STOPPED = 0x2
    STOPPED_OTHER = 0x4
    RESTARTED = 0x8
    ERROR_ON_STOP = 0x10
    ERROR_ON_RESTART = 0x20
    SHUTDOWN_MASKED = 0x40
    RESTART_MASKED = 0x80


class RebootReason(_OpenIntFlag):
    """RM_REBOOT_REASON: why the files cannot all be freed without a restart of the system."""

    NONE = 0
    PERMISSION_DENIED = 0x1
    SESSION_MISMATCH = 0x2
    CRITICAL_PROCESS = 0x4
    CRITICAL_SERVICE = 0x8
    DETECTED_SELF = 0x10


class UseKind(_OpenStrEnum):
    """How a program uses a file."""

    OPEN = "open"
    MAPPED = "mapped"
    EXECUTABLE = "executable"


class SkipCause(_OpenStrEnum):
    """Why something could not be inspected.

    PERMISSION: the process may not be inspected by this user. BLOCKED: it did
    not answer before the deadline. NAMESPACE: processes that cannot be seen
    from here. CHANGING: it kept executing other programs. UNCERTAIN: it may
    hold a file, but that could not be confirmed. ERROR: the system failed.
    FILE: a registered file's identity could not be read.
    """

    PERMISSION = "permission"
    BLOCKED = "blocked"
    NAMESPACE = "namespace"
    CHANGING = "changing"
    UNCERTAIN = "uncertain"
    ERROR = "error"
    FILE = "file"


class SessionState(_OpenStrEnum):
    """The state of a session in the store.

    ABANDONED: its owner died, the next start reuses the slot. FOREIGN: its
    owner is in another pid namespace and cannot be judged from here.
    """

    LIVE = "live"
    ABANDONED = "abandoned"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


class StopAction(_OpenStrEnum):
    """What a stop does with a program. (Ours.)

    NONE: it is left alone, and the cause says why. SIGNAL: it is asked to
    end. UNIT: its service manager stops it.
    """

    NONE = "none"
    SIGNAL = "signal"
    UNIT = "unit"


class StopCause(_OpenStrEnum):
    """Why a program is left alone, or why one that holds nothing is stopped. (Ours.)

    Left alone: CRITICAL: the system, or the caller's own login, needs it.
    SELF: the caller, or what it descends from. PERMISSION: the caller may not
    stop it. MASKED: a filter says so. REFUSES: the unit refuses to be stopped
    by hand. UNREACHABLE: its service manager does not answer. NOT_REGISTERED:
    it is not registered for a restart, and `only_registered` was asked for.
    NOT_PLANNED: it came up after the plan was made. NOTHING_DONE: because of
    another program nothing was stopped at all. CANCELLED: its turn had not
    come.

    Stopped: DEPENDS: it goes down with another unit. TRIGGERS: a socket,
    timer or path that would start another unit again.
    """

    NONE = "none"
    CRITICAL = "critical"
    SELF = "self"
    PERMISSION = "permission"
    MASKED = "masked"
    REFUSES = "refuses"
    UNREACHABLE = "unreachable"
    NOT_REGISTERED = "not_registered"
    NOT_PLANNED = "not_planned"
    NOTHING_DONE = "nothing_done"
    CANCELLED = "cancelled"
    DEPENDS = "depends"
    TRIGGERS = "triggers"


class ComeBack(_OpenStrEnum):
    """How a stopped program comes back. (Ours.)

    NO: nobody knows how to start it. UNIT: its service manager starts it.
    REGISTERED: it registered how to be started. MASKED: a filter says that it
    stays stopped.
    """

    NO = "no"
    UNIT = "unit"
    REGISTERED = "registered"
    MASKED = "masked"


class Failure(_OpenStrEnum):
    """Why a program did not stop or start. (Ours.)

    TIMEOUT: not in time. PERMISSION: not allowed. MANAGER: the service
    manager's job failed. START_LIMIT: it was started too often, and its
    service manager refuses for now. ENDED: it was started and ended again.
    UNREACHABLE: its service manager does not answer. NO_WAY: nobody knows how
    to start it. SYSTEM: an error of the system.
    """

    NONE = "none"
    TIMEOUT = "timeout"
    PERMISSION = "permission"
    MANAGER = "manager"
    START_LIMIT = "start_limit"
    ENDED = "ended"
    UNREACHABLE = "unreachable"
    NO_WAY = "no_way"
    SYSTEM = "system"


class Phase(_OpenStrEnum):
    """What is being done, or was done last. (Ours.)"""

    PLAN = "plan"
    SHUTDOWN = "shutdown"
    RESTART = "restart"
    RECOVER = "recover"


class FilterAction(_OpenIntEnum):
    """RM_FILTER_ACTION: a program shall not be brought back, or not be stopped in the first place."""

    NO_RESTART = 1
    NO_SHUTDOWN = 2
