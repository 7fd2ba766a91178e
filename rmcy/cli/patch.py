# SPDX-License-Identifier: MIT
"""The course of `rmcy run`. Whatever happens once programs are stopped, they come back."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from dataclasses import dataclass

import click

import rmcy
from rmcy import Outcome, Plan, PrimarySession, StopCause
from rmcy._texts import readable
from rmcy.cli.account import note_plan, print_plan
from rmcy.cli.answer import NAMED, UnwritableError, error_dict, error_message, note, note_names, silence
from rmcy.cli.ask import ask, can_ask
from rmcy.cli.child import CommandError, Ended, find_command, run_command
from rmcy.cli.deadline import Deadline
from rmcy.cli.names import read_names
from rmcy.cli.report import Report
from rmcy.cli.signals import ended_by_signals
from rmcy.cli.stopping import StoppedPrograms
from rmcy.cli.text import escape, quote

NOT_BACK = 121
TIMED_OUT = 124
REFUSED = 125
LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What `rmcy run` was told."""

    files: tuple[str, ...]
    null: bool
    collect: tuple[str, ...]
    plan_file: str | None
    force: bool
    yes: bool
    dry_run: bool
    report_file: str | None
    timeout: float | None
    command: tuple[str, ...]


class RefusedError(Exception):
    """Nothing was run, for this reason."""


EXPECTED = (OSError, ValueError, RefusedError, CommandError, rmcy.IncompleteAnswerError, click.UsageError)


def carry_out(order: Order) -> int:
    """Do it; the exit status."""
    try:
        with Report(order.report_file) as report, ended_by_signals():
            return _Run(order, report).status()
    except BrokenPipeError:
        raise
    except UnwritableError as error:
        silence()
        note(f"{error}.")
        return REFUSED
    except OSError as error:
        note(f"{error_message(error)}.")
        return REFUSED


class _Run:
    def __init__(self, order: Order, report: Report) -> None:
        self._order = order
        self._report = report
        self._deadline = Deadline(order.timeout)
        self._outcome = Outcome()
        self._ended: Ended | None = None
        self._told_incomplete = False

    def status(self) -> int:
        """Run it all; what goes wrong is said, and is in the report."""
        failure: BaseException | None = None
        try:
            self._prepare()
        except (KeyboardInterrupt, SystemExit, BrokenPipeError, UnwritableError) as ending:
            failure = ending
            raise
        except Exception as error:
            failure = error
            if not isinstance(error, EXPECTED):
                traceback.print_exc()
            note(f"{error_message(error).removesuffix('.')}.")
        finally:
            status = self._judge(failure)
            self._report.data = self._document(status, failure)
        return status

    def _judge(self, failure: BaseException | None) -> int:
        if isinstance(failure, KeyboardInterrupt):
            return 128 + signal.SIGINT
        if isinstance(failure, SystemExit) and isinstance(failure.code, int):
            return failure.code
        if isinstance(failure, CommandError):
            return failure.status
        if self._ended is None:
            # Without a failure it was a dry run.
            return 0 if failure is None else TIMED_OUT if self._deadline.passed else REFUSED
        if self._ended.timed_out:
            return TIMED_OUT
        return self._ended.status or (NOT_BACK if self._outcome.down else 0)

    def _document(self, status: int, failure: BaseException | None) -> dict[str, object]:
        """What became of the programs, and beside that what became of the run."""
        ended = self._ended
        return {
            **self._outcome.to_dict(),
            "command": [readable(word) for word in self._order.command],
            "command_status": None if ended is None else ended.status,
            "exit_status": status,
            "error": None if failure is None else error_dict(failure, error_message(failure)),
        }

    def _prepare(self) -> None:
        order = self._order
        if not (order.yes or order.plan_file or order.dry_run or can_ask()):
            raise RefusedError("nobody can be asked here: give --yes, or --plan with a plan of rmcy plan --json")
        if order.command:
            find_command(order.command[0])
        planned = None if order.plan_file is None else _read_plan(order.plan_file)
        names = read_names(order.files, order.null) if order.files or order.null else ()
        label = " ".join(("rmcy run", *(escape(os.path.basename(word)) for word in order.command[:1])))
        with rmcy.start(label=label[:LABEL_LENGTH], timeout=self._deadline.left()) as session:
            note_names(session.register(names, timeout=self._deadline.left()).missing, "not there now")
            for line in order.collect:
                self._collect(session, line)
            if planned is not None and not names and not order.collect:
                _register_planned(session, planned)
            plan = planned
            if plan is None:
                plan = session.plan(force=order.force, timeout=self._deadline.left())
            if len(plan):
                print_plan(plan, beside=not order.dry_run)
            note_plan(plan)
            self._told_incomplete = not plan.complete
            if not order.dry_run:
                self._agree(plan)
                self._stop(session, plan)

    def _collect(self, session: PrimarySession, line: str) -> None:
        """Run a line that registers; what it prints is no part of the command's output."""
        ended = run_command(line, session.child_env(), self._deadline.left(), beside=True)
        if ended.timed_out:
            raise RefusedError(f"the time was over while {quote(line)} ran; nothing was stopped")
        if ended.interrupted is not None:
            sys.exit(128 + ended.interrupted)
        if ended.status:
            raise RefusedError(f"{quote(line)} ended with status {ended.status}; nothing was stopped")

    def _agree(self, plan: Plan) -> None:
        order = self._order
        if order.yes or order.plan_file:
            return
        stops = sum(step.stops for step in plan)
        command = quote(order.command[0])
        programs = "1 program" if stops == 1 else f"{stops} programs"
        stop = f"Stop {programs}, run {command}, and bring back what can be?"
        if not ask(stop if stops else f"There is nothing to stop. Run {command}?"):
            raise RefusedError("not agreed to; nothing was stopped")

    def _stop(self, session: PrimarySession, plan: Plan) -> None:
        order = self._order
        programs = StoppedPrograms(session)
        try:
            with programs:
                programs.stop(plan, force=order.force or plan.force, timeout=self._deadline.left())
                if any(program.cause is StopCause.NOT_PLANNED for program in programs.outcome):
                    # It came up meanwhile: what is asked to end may start another one first.
                    self._stop_more(session, programs)
                _check_stopped(programs.outcome)
                if order.plan_file:
                    _note_gone(plan, programs.outcome)
                self._ended = run_command(order.command, session.child_env(), self._deadline.left())
                if self._ended.timed_out:
                    note(f"the time was over: {quote(order.command[0])} was ended.")
                if not self._ended.cut_short:
                    # What it registered, too.
                    self._stop_more(session, programs)
        finally:
            self._outcome = programs.outcome

    def _stop_more(self, session: PrimarySession, programs: StoppedPrograms) -> None:
        if self._order.plan_file:
            # Nothing outside of it was agreed to.
            return
        more = session.plan(force=self._order.force)
        if not (more.complete or self._told_incomplete):
            self._told_incomplete = True
            note("not every program could be inspected: others may go on with the old files (rmcy who says which).")
        if more.stopped:
            programs.stop(more, force=self._order.force)


def _check_stopped(outcome: Outcome) -> None:
    """Refuse to go on if something was to be stopped and was not."""
    if failed := outcome.failed:
        told = "; ".join(f"{program.label}: {program.why}" for program in failed[:NAMED])
        more = f"; and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        raise RefusedError(f"not everything was stopped ({told}{more}), so nothing was run; --force kills")


def _note_gone(plan: Plan, outcome: Outcome) -> None:
    """Say what a plan would have stopped that is not there any more."""
    there = {program.service or program.process for program in outcome}
    gone = [step for step in plan.stopped if (step.service or step.process) not in there]
    note_names([step.label for step in gone], "in the plan, but not in use any more")


def _register_planned(session: PrimarySession, plan: Plan) -> None:
    """Register what a plan would stop, where nobody names its files again."""
    services = [step.service for step in plan.stopped if step.service is not None]
    processes = [process for step in plan.stopped if step.service is None for process in step.processes]
    session.register(processes=processes, services=services)


def _read_plan(path: str) -> Plan:
    with open(path, encoding="utf-8") as file:
        try:
            return Plan.from_dict(json.load(file))
        except (TypeError, KeyError, ValueError, RecursionError) as error:
            raise RefusedError(f"{quote(path)} is no plan of rmcy plan --json: {error}") from error
