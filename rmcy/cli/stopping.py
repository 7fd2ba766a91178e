# SPDX-License-Identifier: MIT
"""Programs that are stopped while a block runs, and are back when it has ended: with progress, and an account."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from rmcy import (
    OperationCancelledError,
    Outcome,
    Plan,
    PrimarySession,
    RestartIncompleteError,
    SessionTimeoutError,
    ShutdownIncompleteError,
    Stopped,
)
from rmcy.cli.account import note_outcome
from rmcy.cli.answer import error_message, note
from rmcy.cli.progress import showing
from rmcy.cli.signals import ENDING, FROM_KEYBOARD, handled

WITH_OUTCOME = (OperationCancelledError, RestartIncompleteError, SessionTimeoutError, ShutdownIncompleteError)


class StoppedPrograms:
    """What one run stops, and brings back together when its block ends."""

    def __init__(self, session: PrimarySession) -> None:
        self.outcome = Outcome()
        self._session = session
        self._stops: list[Stopped] = []

    def stop(self, plan: Plan, *, force: bool, timeout: float | None = None) -> None:
        """Stop what the plan says; may be repeated. What came up since is left alone; `failed` is what did not stop."""
        try:
            with showing("stopping") as on_progress:
                self._stops.append(
                    # partial_ok: what is not in the plan counts as not stopped.
                    self._session.shutdown(plan, force=force, partial_ok=True, timeout=timeout, on_progress=on_progress)
                )
            self.outcome = self._stops[-1].outcome
        except WITH_OUTCOME as error:
            self._take(error.outcome)
            raise

    def _take(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.outcome = outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with _undisturbed(), showing("bringing back") as on_progress:
                # What all of them stopped comes back when the last one ends.
                for stopped in self._stops:
                    self.outcome = stopped.restart(on_progress=on_progress)
        except WITH_OUTCOME as failed:
            self._take(failed.outcome)
            if error is None:
                raise
            # The body's error always comes out.
            note(error_message(failed))
        finally:
            note_outcome(self.outcome)


@contextmanager
def _undisturbed() -> Generator[None, None, None]:
    """Let nobody end rmcy while programs are being brought back: that has a time-out of its own."""

    def hold(_number: int, _frame: FrameType | None) -> None:
        note("the programs are being brought back; rmcy ends when that is done.")

    with handled((*FROM_KEYBOARD, *ENDING), hold):
        yield
