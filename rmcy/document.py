# SPDX-License-Identifier: MIT
"""Answers as JSON documents and back. The shapes are in `rmcy.schema`."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rmcy._texts import NAMES_ARE_BYTES, readable
from rmcy.enums import AppStatus, AppType, RebootReason, SkipCause, UseKind
from rmcy.records import AffectedApp, FileUse, ListStats, Skipped, UniqueProcess
from rmcy.schema import AFFECTED_SCHEMA

if TYPE_CHECKING:
    from rmcy.affected import AffectedList
    from rmcy.schema import (
        AffectedAppDict,
        AffectedListDict,
        FileUseDict,
        OutcomeDict,
        PathDict,
        PlanDict,
        ProcessDict,
    )

T = TypeVar("T")

__all__: list[str] = []


@contextmanager
def reading(data: Mapping[str, object], schema: str) -> Iterator[None]:
    """Read a document in the block: whatever is wrong with it, it is a ValueError that names the schema."""
    try:
        if data["schema"] != schema:
            raise ValueError(f"the schema is {data['schema']!r}, not {schema!r}")
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"not a document of {schema}: {type(error).__name__}: {error}") from error


def checked(value: object, kind: type[T]) -> T:
    """Give a value back that is of the type that the schema has for it; a bool is no int."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} stands where the schema has {kind.__name__}")
    return value


def number(value: object) -> int:
    """Read a 64-bit number, which is a decimal string in JSON."""
    text = checked(value, str)
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} stands where the schema has a number, as a decimal string")
    return int(text)


def printable(text: str) -> tuple[str, str | None]:
    """Valid Unicode for a text, and base64 of its bytes where the two differ."""
    if text.isascii():
        return text, None
    shown = readable(text)
    return shown, None if shown == text else base64.b64encode(_raw(text)).decode("ascii")


def _raw(text: str) -> bytes:
    """Encode a text as the system that made it has it; half a pair that is no byte takes three of them."""
    for_bytes = "surrogateescape" if NAMES_ARE_BYTES else "surrogatepass"
    return b"".join(
        char.encode("utf-8", for_bytes if "\udc80" <= char <= "\udcff" else "surrogatepass") for char in text
    )


def original(text: str, encoded: str | None) -> str:
    if encoded is None:
        return checked(text, str)
    raw = base64.b64decode(encoded, validate=True)
    bytewise = raw.decode("utf-8", "surrogateescape")
    if printable(bytewise)[0] == text:
        return bytewise
    # Of half a pair one character was shown, of three bytes that are no Unicode three.
    parts = re.split(rb"(\xed[\xa0-\xbf][\x80-\xbf])", raw)
    halves = "".join(
        part.decode("utf-8", "surrogatepass" if n % 2 else "surrogateescape") for n, part in enumerate(parts)
    )
    return halves if printable(halves)[0] == text else bytewise


def path_to_dict(path: str) -> PathDict:
    shown, encoded = printable(path)
    return {"path": shown} if encoded is None else {"path": shown, "path_bytes": encoded}


def path_from_dict(data: PathDict) -> str:
    return original(data["path"], data.get("path_bytes"))


def use_to_dict(use: FileUse) -> FileUseDict:
    path = path_to_dict(use.path)
    return {
        **path,
        "kind": use.kind.value,
        "deleted": use.deleted,
        "device": str(use.device),
        "inode": str(use.inode),
    }


def use_from_dict(data: FileUseDict) -> FileUse:
    return FileUse(
        original(data["path"], data.get("path_bytes")),
        UseKind(data["kind"]),
        deleted=checked(data["deleted"], bool),
        device=number(data["device"]),
        inode=number(data["inode"]),
    )


def type_to_word(kind: AppType) -> str:
    return kind.name.lower()


def type_from_word(word: str) -> AppType:
    if word.startswith("unknown_"):
        return AppType(int(word[8:]))
    return AppType[word.upper()]


def process_to_dict(process: UniqueProcess) -> ProcessDict:
    return {"pid": process.pid, "start_time": str(process.start_time)}


def process_from_dict(data: ProcessDict) -> UniqueProcess:
    return UniqueProcess(checked(data["pid"], int), number(data["start_time"]))


def app_to_dict(app: AffectedApp) -> AffectedAppDict:
    name, name_bytes = printable(app.name)
    data: AffectedAppDict = {
        "process": process_to_dict(app.process),
        "name": name,
        "exe": None,
        "uid": app.uid,
        "service": None,
        "service_manager_uid": app.service_manager_uid,
        "type": type_to_word(app.type),
        "status": list(app.status.words),
        "ts_session_id": app.ts_session_id,
        "restartable": app.restartable,
        "uses": None if app.uses is None else [use_to_dict(use) for use in app.uses],
    }
    if name_bytes is not None:
        data["name_bytes"] = name_bytes
    if app.exe is not None:
        data["exe"], exe_bytes = printable(app.exe)
        if exe_bytes is not None:
            data["exe_bytes"] = exe_bytes
    if app.service is not None:
        data["service"], service_bytes = printable(app.service)
        if service_bytes is not None:
            data["service_bytes"] = service_bytes
    return data


def app_from_dict(data: AffectedAppDict) -> AffectedApp:
    exe, service, uses = data["exe"], data["service"], data["uses"]
    return AffectedApp(
        process_from_dict(data["process"]),
        original(data["name"], data.get("name_bytes")),
        exe=None if exe is None else original(exe, data.get("exe_bytes")),
        uid=data["uid"],
        service=None if service is None else original(service, data.get("service_bytes")),
        service_manager_uid=data["service_manager_uid"],
        type=type_from_word(data["type"]),
        status=AppStatus.from_words(data["status"]),
        ts_session_id=data["ts_session_id"],
        restartable=checked(data["restartable"], bool),
        uses=None if uses is None else tuple(use_from_dict(use) for use in uses),
    )


def list_to_dict(answer: AffectedList) -> AffectedListDict:
    stats = answer.stats
    return {
        "schema": AFFECTED_SCHEMA,
        "complete": answer.complete,
        "free": answer.free,
        "reboot_reasons": list(answer.reboot_reasons.words),
        "apps": [app_to_dict(app) for app in answer],
        "missing": [path_to_dict(path) for path in answer.missing],
        "skipped": [
            {"cause": skip.cause.value, "count": skip.count, "pids": list(skip.pids)} for skip in answer.skipped
        ],
        "stats": {
            "processes": stats.processes,
            "descriptors": stats.descriptors,
            "maps": stats.maps,
            "retries": stats.retries,
            "nanoseconds": stats.nanoseconds,
            "scanner": stats.scanner,
        },
    }


def stats_from(data: AffectedListDict) -> ListStats:
    stats = data["stats"]
    return ListStats(
        processes=checked(stats["processes"], int),
        descriptors=checked(stats["descriptors"], int),
        maps=checked(stats["maps"], int),
        retries=checked(stats["retries"], int),
        nanoseconds=checked(stats["nanoseconds"], int),
        scanner=checked(stats["scanner"], str),
    )


def skipped_from(data: AffectedListDict) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(
            cause=SkipCause(skip["cause"]),
            count=checked(skip["count"], int),
            pids=tuple(checked(pid, int) for pid in skip["pids"]),
        )
        for skip in data["skipped"]
    )


def reasons_from(data: AffectedListDict | PlanDict | OutcomeDict) -> RebootReason:
    return RebootReason.from_words(data["reboot_reasons"])
