# SPDX-License-Identifier: MIT
"""Enumerations: the header's values, and values that nobody knows yet."""

from __future__ import annotations

import pickle
import re
from enum import StrEnum
from pathlib import Path

import pytest

import rmcy
from rmcy import (
    AppStatus,
    AppType,
    ComeBack,
    Failure,
    FilterAction,
    Phase,
    RebootReason,
    SessionState,
    SkipCause,
    StopAction,
    StopCause,
    UseKind,
)

from fix_process import ON_WINDOWS

INCLUDE = Path(rmcy.get_include())
# On Windows this header is the system's own, and not in the wheel; its numbers are the same.
SYSTEM = Path(__file__).parent.parent / "rmcy" / "engine" / "include" if ON_WINDOWS else INCLUDE
HEADER = (SYSTEM / "restartmanager.h").read_text()


def in_header(prefix: str) -> dict[str, int]:
    """The enumerators of a C enumeration, in the words of the Python one."""
    found = re.findall(rf"\bRm{prefix}(\w+) = (0x[0-9a-fA-F]+|\d+)", HEADER)
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper(): int(value, 0) for name, value in found}


def test_the_values_are_the_header_s() -> None:
    assert in_header("Status") == {name: member.value for name, member in AppStatus.__members__.items()}
    assert in_header("RebootReason") == {name: member.value for name, member in RebootReason.__members__.items()}
    block = re.search(r"typedef enum _RM_APP_TYPE \{(.*?)\}", HEADER, re.S)
    assert block is not None
    values = sorted(int(value) for value in re.findall(r"= (\d+)", block[1]))
    assert values == sorted(member.value for member in AppType)


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("ACTION", StopAction),
        ("CAUSE", StopCause),
        ("BACK", ComeBack),
        ("FAIL", Failure),
        ("PHASE", Phase),
    ],
)
def test_the_words_are_those_of_our_own_header(prefix: str, kind: type[StrEnum]) -> None:
    text = (INCLUDE / "restartmanager_ext.h").read_text()
    names = re.findall(rf"#define RMX_{prefix}_(\w+) \d+\b", text)
    assert [member.value for member in kind] == [name.lower() for name in names]


def test_a_filter_s_action_is_the_header_s() -> None:
    block = re.search(r"typedef enum _RM_FILTER_ACTION \{(.*?)\}", HEADER, re.S)
    assert block is not None
    names = [name.strip() for name in block[1].split(",")]
    assert names == ["RmInvalidFilterAction = 0", "RmNoRestart", "RmNoShutdown"]
    assert [(member.name, member.value) for member in FilterAction] == [("NO_RESTART", 1), ("NO_SHUTDOWN", 2)]


def test_an_unknown_type_is_kept() -> None:
    unknown = AppType(77)
    assert (unknown.name, unknown.value, unknown) == ("UNKNOWN_77", 77, 77)
    assert AppType(77) is unknown
    assert pickle.loads(pickle.dumps(unknown)) is unknown
    assert unknown not in list(AppType)


@pytest.mark.parametrize("kind", [UseKind, SkipCause, SessionState, StopAction, StopCause, ComeBack, Failure, Phase])
def test_an_unknown_word_is_kept(kind: type[StrEnum]) -> None:
    unknown = kind("unknown_9")
    assert (unknown.name, unknown.value) == ("UNKNOWN_9", "unknown_9")
    assert kind("unknown_9") is unknown
    assert pickle.loads(pickle.dumps(unknown)) is unknown
    for word in ("", "unknown", "unknown_", "unknown_x", "mine"):
        with pytest.raises(ValueError, match="is not a valid"):
            kind(word)


@pytest.mark.parametrize("kind", [AppStatus, RebootReason])
def test_unknown_bits_are_kept(kind: type[AppStatus] | type[RebootReason]) -> None:
    alone = kind(0x400)
    assert (alone.name, alone.value, alone.words) == ("UNKNOWN_1024", 0x400, ("unknown_1024",))
    mixed = kind(0x401)
    assert mixed & 1 == kind(1)
    assert mixed.words == (str(kind(1).name).lower(), "unknown_1024")
    assert pickle.loads(pickle.dumps(mixed)) == mixed
    for value in (0, 1, 0x1F, 0x401, 0x8000_0000):
        assert kind.from_words(kind(value).words) == value


def test_words_are_read_back_strictly() -> None:
    with pytest.raises(ValueError, match="'asleep' is not a AppStatus"):
        AppStatus.from_words(["running", "asleep"])
    assert AppStatus.from_words([]) is AppStatus.UNKNOWN
    assert RebootReason(0) is RebootReason.NONE


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a valid AppType"):
        AppType("service")
