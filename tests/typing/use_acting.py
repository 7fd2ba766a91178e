# SPDX-License-Identifier: MIT
"""What a client writes to stop programs and bring them back, and the types that it gets."""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_type

import rmcy
from rmcy.schema import OutcomeDict, PlanDict, PlanStepDict, ProgramOutcomeDict


def listen(progress: rmcy.Progress) -> None:
    assert_type(progress.phase, rmcy.Phase)
    assert_type(progress.percent, int)
    assert_type(progress.app, rmcy.ProgramOutcome | None)


def install() -> int:
    with rmcy.start() as session:
        plan = session.plan(force=True, only_registered=False, on_critical="refuse", timeout=5)
        assert_type(plan, rmcy.Plan)
        with session.shutdown(plan, force=True, app_timeout=5, service_timeout=2.5, on_progress=listen) as stopped:
            assert_type(stopped, rmcy.Stopped)
            status = 5
        # __exit__ is typed -> None: what follows is reached only when the block was left without an exception.
        return status


with rmcy.start() as session:
    plan = session.plan()
    assert_type(plan[0], rmcy.PlanStep)
    assert_type(plan[1:], tuple[rmcy.PlanStep, ...])
    assert_type(plan.lost, tuple[rmcy.PlanStep, ...])
    assert_type(plan.to_dict(), PlanDict)
    assert_type(plan.to_dict()["steps"], list[PlanStepDict])
    assert_type(rmcy.Plan.from_dict(plan.to_dict()), rmcy.Plan)
    steps: Sequence[rmcy.PlanStep] = plan
    for step in plan:
        assert_type(step.process, rmcy.UniqueProcess | None)
        assert_type(step.processes, tuple[rmcy.UniqueProcess, ...])
        assert_type(step.service, str | None)
        assert_type(step.action, rmcy.StopAction)
        assert_type(step.cause, rmcy.StopCause)
        assert_type(step.back, rmcy.ComeBack)
        assert_type(step.because, int | None)
        assert_type(step.lost, bool)
        assert_type(step.why, str)
        assert_type(step.type, rmcy.AppType)

    stopped = session.shutdown(on_progress=print, on_critical="skip", partial_ok=True, timeout=None)
    assert_type(stopped.outcome, rmcy.Outcome)
    assert_type(stopped.restart(timeout=5, on_progress=listen), rmcy.Outcome)
    assert_type(session.restart(), rmcy.Outcome)
    session.cancel()
    stopped.leave_stopped()

    session.add_filter("no_restart", module=Path("/bin/sh"))
    session.add_filter(rmcy.FilterAction.NO_SHUTDOWN, process=rmcy.UniqueProcess(1, 2))
    session.add_filter("no_shutdown", service="nginx.service")
    session.remove_filter(module=b"/bin/sh")
    assert_type(session.filters(), tuple[rmcy.Filter, ...])
    assert_type(session.filters()[0].process, rmcy.UniqueProcess | None)
    session.add_critical("db-*.service")

outcome = rmcy.recover(timeout=10, on_progress=listen)
assert_type(outcome, rmcy.Outcome)
assert_type(outcome.ok, bool)
assert_type(outcome.phase, rmcy.Phase)
assert_type(outcome.reboot_reasons, rmcy.RebootReason)
assert_type(outcome.down, tuple[rmcy.ProgramOutcome, ...])
assert_type(outcome.to_dict(), OutcomeDict)
assert_type(outcome.to_dict()["programs"], list[ProgramOutcomeDict])
assert_type(rmcy.Outcome.from_dict(outcome.to_dict()), rmcy.Outcome)
for program in outcome:
    assert_type(program, rmcy.ProgramOutcome)
    assert_type(program.now, rmcy.UniqueProcess | None)
    assert_type(program.failure, rmcy.Failure)
    assert_type(program.detail, str | None)
    assert_type(program.verified, bool)
    assert_type(program.restarted, bool)

made = rmcy.Outcome([rmcy.ProgramOutcome(name="x", failure=rmcy.Failure.TIMEOUT)], phase=rmcy.Phase.RESTART)
critical: rmcy.OnCritical = "skip"
word: rmcy.FilterWord = "no_restart"
callback: rmcy.OnProgress = listen

try:
    install()
except rmcy.ShutdownIncompleteError as error:
    assert_type(error.outcome, rmcy.Outcome)
except rmcy.RestartIncompleteError as error:
    assert_type(error.outcome, rmcy.Outcome)
except rmcy.OperationCancelledError as error:
    assert_type(error.outcome, rmcy.Outcome | None)
except rmcy.SessionTimeoutError as error:
    assert_type(error.outcome, rmcy.Outcome | None)
lookup: LookupError = rmcy.FilterNotFoundError(2, "RmRemoveFilter")
