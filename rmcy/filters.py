# SPDX-License-Identifier: MIT
"""Filters: programs that a stop shall leave running, or a restart shall leave stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from rmcy import _filters, _texts
from rmcy.enums import FilterAction
from rmcy.records import AffectedApp, UniqueProcess

if TYPE_CHECKING:
    from rmcy._handle import Handle
    from rmcy.paths import PathArg
    from rmcy.programs import ProcessArg

__all__ = ["Filter", "FilterWord"]

FilterWord: TypeAlias = Literal["no_restart", "no_shutdown"]

_ACTIONS = {"no_restart": FilterAction.NO_RESTART, "no_shutdown": FilterAction.NO_SHUTDOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What shall not be done with a program, and with which (RM_FILTER_INFO).

    One of the three is given: `module`, the path of an executable; `process`;
    `service`.
    """

    action: FilterAction
    module: str | None = None
    process: UniqueProcess | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "action", FilterAction(self.action))
        one_of(self.module, self.process, self.service)


def one_of(module: object, process: object, service: object) -> None:
    """Refuse any number of targets but one."""
    given = [
        name for name, value in [("module", module), ("process", process), ("service", service)] if value is not None
    ]
    if len(given) != 1:
        raise TypeError(f"a filter is about one module, process or service: {' and '.join(given) or 'none'} was given")


def target(
    module: PathArg | None, process: ProcessArg | None, service: str | None
) -> tuple[str | None, UniqueProcess | None, str | None]:
    """What a filter is about, as the library takes it."""
    one_of(module, process, service)
    if service is not None and not isinstance(service, str):
        raise TypeError(f"service is {service!r}, of type {type(service).__name__}: a service is named by a str")
    path = None if module is None else _texts.spell(module)
    if isinstance(process, AffectedApp):
        process = process.process
    elif isinstance(process, tuple):
        process = UniqueProcess(*process)
    elif process is not None and not isinstance(process, UniqueProcess):
        raise TypeError(f"process is {process!r}: give a UniqueProcess, an AffectedApp or (pid, start_time)")
    return path, process, service


def action_of(action: FilterAction | FilterWord) -> FilterAction:
    if isinstance(action, str):
        if action not in _ACTIONS:
            raise ValueError(f'action is {action!r}: use "no_shutdown" or "no_restart"')
        return _ACTIONS[action]
    return FilterAction(action)


def filters_of(handle: Handle) -> tuple[Filter, ...]:
    return tuple(
        Filter(
            action=FilterAction(action),
            module=None if module is None else _texts.respell(module),
            process=process,
            service=service,
        )
        for module, process, service, action in _filters.listed(handle)
    )
