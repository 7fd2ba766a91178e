# SPDX-License-Identifier: MIT
"""Processes and services as callers give them, and as lists of entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from rmcy._lists import ProcessList, has_buffer
from rmcy.records import AffectedApp, UniqueProcess

if TYPE_CHECKING:
    from typing_extensions import Buffer

ProcessArg: TypeAlias = UniqueProcess | AffectedApp | tuple[int, int]
"""A process: never a pid alone, which may be another process tomorrow."""


def process_list(processes: ProcessArg | Iterable[ProcessArg] | Buffer) -> Sequence[object] | ProcessList:
    """Make one process a list of one, and leave lists as they are."""
    # Lists come first: asking whether something can be iterated over costs more than packing a process.
    given: Sequence[object]
    if type(processes) is list or type(processes) is tuple:
        given = cast("Sequence[object]", processes)
    elif isinstance(processes, (UniqueProcess, AffectedApp)):
        return (processes,)
    elif isinstance(processes, str) or not isinstance(processes, Iterable):
        raise TypeError(
            f"processes is {processes!r}, of type {type(processes).__name__}: "
            "give a UniqueProcess, an AffectedApp, or an iterable of them or of (pid, start_time)"
        )
    elif isinstance(processes, ProcessList) or has_buffer(processes):
        return ProcessList(cast("Buffer", processes))
    else:
        given = tuple(cast("Iterable[object]", processes))
    # A tuple of two numbers is one process. Two numbers in a list are two pids, which the packing refuses.
    if isinstance(processes, tuple) and len(given) == 2 and isinstance(given[0], int) and isinstance(given[1], int):
        return (given,)
    return given


def service_list(services: str | Iterable[str]) -> Sequence[str]:
    """Make one name a list of one, and leave lists as they are."""
    if type(services) is list or type(services) is tuple:
        return cast("Sequence[str]", services)
    if isinstance(services, str):
        return (services,)
    if isinstance(services, (bytes, bytearray)) or not isinstance(services, Iterable):
        raise TypeError(
            f"services is {services!r}, of type {type(services).__name__}: give a name or an iterable of names"
        )
    return list(services)
