# SPDX-License-Identifier: MIT
"""The columns of an answer: what the JSON document has, by the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rmcy._columns import Column, flags, lists, numbers, packed, structs, texts
from rmcy.document import type_to_word
from rmcy.enums import AppStatus, AppType
from rmcy.records import AffectedApp, FileUse

if TYPE_CHECKING:
    from rmcy.affected import NumberColumn

__all__: list[str] = []

NO_SESSION = 0xFFFFFFFF


def columns(apps: Sequence[AffectedApp], found: Mapping[NumberColumn, memoryview]) -> Column:
    """Lay out programs as one column of structures; `found` has their numbers already."""
    # There are a few kinds and statuses, and asking an enumeration takes longer than all the rest of a row.
    status_words = {number: AppStatus(number).words for number in set(found["status"])}
    type_words = {number: type_to_word(AppType(number)) for number in set(found["type"])}
    words = [status_words[number] for number in found["status"]]
    sessions = found["ts_session_id"]
    uses = [app.uses or () for app in apps]
    return structs(
        "",
        len(apps),
        structs(
            "process",
            len(apps),
            packed("pid", "I", found["pid"]),
            packed("start_time", "L", found["start_time"]),
        ),
        texts("name", [app.name for app in apps]),
        texts("exe", [app.exe for app in apps], nullable=True),
        numbers("uid", "I", [app.uid for app in apps], nullable=True),
        texts("service", [app.service for app in apps], nullable=True),
        numbers("service_manager_uid", "I", [app.service_manager_uid for app in apps], nullable=True),
        texts("type", [type_words[number] for number in found["type"]]),
        lists("status", [len(some) for some in words], texts("item", [word for some in words for word in some])),
        packed("ts_session_id", "I", sessions, present=[number != NO_SESSION for number in sessions]),
        flags("restartable", found["restartable"]),
        lists(
            "uses",
            [len(some) for some in uses],
            _uses([use for some in uses for use in some]),
            present=[app.uses is not None for app in apps],
        ),
    )


def _uses(uses: list[FileUse]) -> Column:
    return structs(
        "item",
        len(uses),
        texts("path", [use.path for use in uses]),
        texts("kind", [use.kind.value for use in uses]),
        flags("deleted", [use.deleted for use in uses]),
        numbers("device", "L", [use.device for use in uses]),
        numbers("inode", "L", [use.inode for use in uses]),
    )
