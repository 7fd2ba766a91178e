# SPDX-License-Identifier: MIT
"""One INFO record of the logger `rmcy` for each signal, stop and start."""

from __future__ import annotations

import logging
from typing import TypedDict

from rmcy.enums import StopAction
from rmcy.items import ProgramOutcome
from rmcy.outcome import Outcome

__all__ = ["Event"]

_logger = logging.getLogger("rmcy")


class Event(TypedDict):
    """What a record has as its attribute `rmcy`."""

    event: str
    name: str
    pid: int | None
    exe: str | None
    uid: int | None
    service: str | None
    service_manager_uid: int | None
    forced: bool
    now: int | None


def log_changes(before: Outcome, after: Outcome) -> None:
    """Log what happened between two accounts of one session."""
    if not _logger.isEnabledFor(logging.INFO):
        return
    known = {_key(program): program for program in before}
    for program in after:
        was = known.get(_key(program))
        dealt_with = was is not None and (was.stopped or was.failed)
        if program.action is StopAction.SIGNAL and (program.stopped or program.failed) and not dealt_with:
            _log("signal", "killed %s" if program.forced else "asked %s to end", program)
        if program.stopped and not (was is not None and was.stopped):
            _log("stop", "stopped %s", program)
        if program.restarted and not (was is not None and was.restarted):
            _log("start", "started %s", program)


def _key(program: ProgramOutcome) -> tuple[object, ...]:
    return program.process, program.service, program.service_manager_uid


def _log(event: str, text: str, program: ProgramOutcome) -> None:
    told: Event = {
        "event": event,
        "name": program.name,
        "pid": None if program.process is None else program.process.pid,
        "exe": program.exe,
        "uid": program.uid,
        "service": program.service,
        "service_manager_uid": program.service_manager_uid,
        "forced": program.forced,
        "now": None if program.now is None else program.now.pid,
    }
    _logger.info(text, program.label, extra={"rmcy": told})
