# SPDX-License-Identifier: MIT
"""The columns of an answer: what the JSON document has, by the same words."""

from __future__ import annotations

from collections.abc import Sequence

from rmcy._columns import Column, flags, lists, numbers, structs, texts
from rmcy.document import type_to_word
from rmcy.records import AffectedApp, FileUse

__all__: list[str] = []


def columns(apps: Sequence[AffectedApp]) -> Column:
    """Lay out programs as one column of structures."""
    words = [app.status.words for app in apps]
    uses = [app.uses or () for app in apps]
    return structs(
        "",
        len(apps),
        structs(
            "process",
            len(apps),
            numbers("pid", "I", [app.process.pid for app in apps]),
            numbers("start_time", "L", [app.process.start_time for app in apps]),
        ),
        texts("name", [app.name for app in apps]),
        texts("exe", [app.exe for app in apps], nullable=True),
        numbers("uid", "I", [app.uid for app in apps], nullable=True),
        texts("service", [app.service for app in apps], nullable=True),
        numbers("service_manager_uid", "I", [app.service_manager_uid for app in apps], nullable=True),
        texts("type", [type_to_word(app.type) for app in apps]),
        lists("status", [len(some) for some in words], texts("item", [word for some in words for word in some])),
        numbers("ts_session_id", "I", [app.ts_session_id for app in apps], nullable=True),
        flags("restartable", [app.restartable for app in apps]),
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
