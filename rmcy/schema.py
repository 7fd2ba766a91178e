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
    "AffectedAppDict",
    "AffectedListDict",
    "FileUseDict",
    "ListStatsDict",
    "PathDict",
    "ProcessDict",
    "SkippedDict",
]

AFFECTED_SCHEMA: Final = "rmcy.affected/1"


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
