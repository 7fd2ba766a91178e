# SPDX-License-Identifier: MIT
"""A plan, and what became of it, for people: a row for each program, and sentences on what is not as it should be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from rmcy import Outcome, Plan, PlanStep, ProgramOutcome, RebootReason, StopAction, StopCause
from rmcy.cli.affected import program_name
from rmcy.cli.answer import note, note_names
from rmcy.cli.table import Column, print_table
from rmcy.cli.text import quote

Item = TypeVar("Item", PlanStep, ProgramOutcome)

PLAN_COLUMNS = (
    Column("PID", 10, 10, right=True, style="bold"),
    Column("Program", 12, 8, style="cyan"),
    Column("Service", 14, 8),
    Column("Would be", 12, 12),
    Column("Afterwards", 24, 24),
)
OUTCOME_COLUMNS = (
    Column("Was", 10, 10, right=True),
    Column("Is", 10, 10, right=True, style="bold"),
    Column("Program", 12, 8, style="cyan"),
    Column("Service", 14, 8),
    Column("What became of it", 30, 24),
)

DONE = {StopAction.UNIT: "stopped", StopAction.SIGNAL: "asked to end", StopAction.NONE: "left alone"}
# A step's own `why` is a sentence, too long for a column.
REASONS = {
    StopCause.CRITICAL: "the system needs it",
    StopCause.SELF: "it started rmcy",
    StopCause.PERMISSION: "it is not yours to stop",
    StopCause.MASKED: "a filter says so",
    StopCause.REFUSES: "its unit refuses a stop",
    StopCause.UNREACHABLE: "its manager is silent",
    StopCause.NOT_REGISTERED: "not made for restarts",
    StopCause.NOT_PLANNED: "not in the plan",
    StopCause.NOTHING_DONE: "nothing was stopped",
    StopCause.CANCELLED: "cancelled before",
}


def print_plan(plan: Plan, indent: int = 0, beside: bool = False) -> None:
    """Print the steps, in the order of a stop."""
    rows = [(*_names(step), _done(step), _afterwards(step)) for step in others(plan)]
    print_table(PLAN_COLUMNS, rows, indent, beside)


def others(items: Iterable[Item]) -> list[Item]:
    """All but rmcy itself, which ends anyway, and holds nothing afterwards."""
    return [item for item in items if item.process is None or item.process.pid != os.getpid()]


def without_rmcy(plan: Plan) -> Plan:
    """The plan without rmcy itself, for others to read."""
    kept = [n for n, step in enumerate(plan) if step in others((step,))]
    numbers = {old: new for new, old in enumerate(kept)}
    steps = [replace(plan[n], because=numbers.get(-1 if (to := plan[n].because) is None else to)) for n in kept]
    return Plan(
        steps,
        complete=plan.complete,
        reboot_reasons=reasons(plan),
        force=plan.force,
        only_registered=plan.only_registered,
    )


def note_plan(plan: Plan) -> None:
    """Say what a stop would lose, and what it would not free."""
    steps = others(plan)
    note_names([step.label for step in steps if step.lost], "would not come back; nobody knows how to start it")
    note_names([step.label for step in steps if not step.stops], "would be left alone, and keep the old files")
    if reasons(plan):
        note(f"only a restart of the system frees all of the files ({', '.join(reasons(plan).words)}).")
    if not plan.complete:
        note("the plan is incomplete: not every program could be inspected (rmcy who says which).")


def reasons(account: Plan | Outcome) -> RebootReason:
    """Why the system would have to be restarted: that rmcy itself holds a file is none."""
    return account.reboot_reasons & ~RebootReason.DETECTED_SELF


def print_programs(outcome: Outcome, indent: int = 0, beside: bool = False) -> None:
    """Print what became of the programs that were, or should have been, stopped."""
    rows = [_outcome_row(program) for program in outcome if program.stopped or program.failed]
    if rows:
        print_table(OUTCOME_COLUMNS, rows, indent, beside)


def note_outcome(outcome: Outcome) -> None:
    """Print what became of the programs, and what is not as it should be, on standard error."""
    print_programs(outcome, beside=True)
    note_names([program.label for program in outcome.down], "not running any more; start by hand what is needed")
    until = "left alone, with the old files" + (" until the system restarts" if reasons(outcome) else "")
    note_names([program.label for program in others(outcome) if program.action is StopAction.NONE], until)


def _names(item: PlanStep | ProgramOutcome) -> tuple[str, str, str]:
    pid = "-" if item.process is None else str(item.process.pid)
    service = (item.service or "").removesuffix(".service")
    return pid, quote(program_name(item.name, item.exe, item.service)), quote(service)


def _done(step: PlanStep) -> str:
    # It holds nothing itself: it depends on what does, or would start that again.
    too = " too" if step.stops and step.because is not None else ""
    return DONE.get(step.action, str(step.action)) + too


def _afterwards(step: PlanStep) -> str:
    if not step.stops:
        return REASONS.get(step.cause, str(step.cause))
    return "DOES NOT COME BACK" if step.lost else "comes back"


def _outcome_row(program: ProgramOutcome) -> tuple[str, ...]:
    was, name, service = _names(program)
    now = "" if program.now is None else str(program.now.pid)
    return was, now, name, service, ", ".join(_story(program))


def _story(program: ProgramOutcome) -> Iterator[str]:
    if not program.stopped:
        yield f"not stopped: {quote(program.why)}"
        return
    if program.forced:
        yield "killed"
    if program.shared:
        yield "another session brings it back"
    elif program.down:
        yield f"NOT BACK: {quote(program.why)}" if program.why else "NOT BACK"
    else:
        yield "back already" if program.was_up else "back"
