# SPDX-License-Identifier: MIT
"""What is stopped, and the promise that it comes back."""

from __future__ import annotations

import atexit
import sys
import time
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, final

from rmcy import _acting
from rmcy.enums import Failure, RebootReason, StopAction, StopCause
from rmcy.errors import (
    OperationCancelledError,
    RestartIncompleteError,
    RestartManagerError,
    SessionTimeoutError,
    ShutdownIncompleteError,
)
from rmcy.items import ProgramOutcome, Progress
from rmcy.log import log_changes
from rmcy.outcome import Outcome
from rmcy.seconds import seconds

if TYPE_CHECKING:
    from rmcy._account import Account as Accounted
    from rmcy._handle import Handle

__all__ = ["Stopped"]

RESTART_TIMEOUT = 120.0

# Those that have something to bring back: at the end of the interpreter not every object is finalised.
_owing: set[Stops] = set()


class Account:
    """What became of what was stopped from the first stop on until all is back, for whoever stopped a part of it."""

    __slots__ = ("outcome", "owed")

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.owed = False

    def take(self, done: _acting.Done) -> None:
        """Keep what a call accounted for."""
        if done.account is None:
            return
        before, self.outcome = self.outcome, outcome_of(done.account)
        log_changes(before, self.outcome)


class Stops:
    """What a primary session has stopped, and who still wants it stopped.

    RmRestart brings back everything that its session stopped.  So it is called
    when the last of those who stopped something lets go of it, and the account
    is one for all.  All of this happens within turns; only `holders` is
    changed outside of them, by single operations of the set.
    """

    __slots__ = ("account", "handle", "holders", "turn")

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.turn = _acting.Turn()
        self.account = Account()
        self.holders: set[object] = set()

    def owe(self) -> None:
        """From here on there may be something to bring back."""
        self.account.owed = True
        _owing.add(self)

    def owe_nothing(self) -> None:
        """Everything is back, or shall stay as it is."""
        self.account.owed = False
        self.holders.clear()
        _owing.discard(self)

    def bring_back(
        self, left: float, on_progress: Callable[[Progress], object] | None = None, *, shielded: bool = True
    ) -> None:
        """Within a turn: bring everything back, whoever stopped it."""
        callback(on_progress)
        sys.audit("rmcy.restart", self.handle.value)
        account = self.account
        done = _acting.restart(self.handle, self.turn, shielded, left, on_progress)
        account.take(done)
        if done.error is None or done.error.code in (352, 776):
            # Done, as far as it can be.
            self.owe_nothing()
        if shielded and not done.raised and done.error is not None and done.error.code == 776:
            # The stop failed before it had begun.
            return
        raise_what_came(done, account.outcome)

    def end(self, close: Callable[[], None]) -> None:
        """Bring back what is still stopped, and close, whatever comes of that."""
        with self.turn.within(RESTART_TIMEOUT):
            try:
                if self.account.owed:
                    self.bring_back(RESTART_TIMEOUT)
            finally:
                close()


@final
class Stopped:
    """What `PrimarySession.shutdown` stopped, and the promise that it comes back. (Ours; RmRestart.)

    A context manager: at the end of the block the programs are brought back,
    whatever happened in it.  The body's exception always comes out; what
    could not be brought back is then added to it as a note.  Without one,
    RestartIncompleteError is raised.  The restart takes at most 120 seconds.

    Without `with`, call `restart()`, or `leave_stopped()`.  Who does neither
    and loses the object gets a ResourceWarning, and the programs come back
    when the session is closed, at the latest at the end of the interpreter.

    Where a session stops several times before it brings anything back,
    everything comes back when the last Stopped ends, each program once, and
    `outcome` is one account for all of them.

    Ctrl-C while programs are brought back is raised when they are back; only
    a second one cancels that (ours).  What is not back by then the end of the
    session tries once more, in the same way.  It belongs to its process: it
    cannot be pickled, and in a forked child the end of the block does nothing.
    """

    __slots__ = ("__weakref__", "_account", "_holder", "_session", "_stops")

    _account: Account
    _holder: object
    _session: object
    _stops: Stops

    def __init__(self) -> None:
        raise TypeError("PrimarySession.shutdown() makes a Stopped")

    @classmethod
    def _of(cls, session: object, stops: Stops) -> Self:
        self = cls.__new__(cls)
        # As long as programs are stopped the session is not lost.
        self._session = session
        self._stops = stops
        self._account = stops.account
        self._holder = object()
        stops.holders.add(self._holder)
        return self

    @property
    def outcome(self) -> Outcome:
        """What became of each program so far."""
        return self._account.outcome

    def restart(
        self, *, timeout: float | None = None, on_progress: Callable[[Progress], object] | None = None
    ) -> Outcome:
        """Bring the programs back now (RmRestart), and tell what became of them.

        While another Stopped of the same session is open, nothing happens
        before that one ends, too: then everything comes back. What is back
        already is not started again.

        timeout: seconds for the whole call; None is 120.
        on_progress: called with a Progress now and then, in this thread. Its
        exception does not end the restart; it is raised after it. The audit
        event "rmcy.restart", with the session's handle, comes before.

        Raises RestartIncompleteError (352), SessionTimeoutError (121), and
        OperationCancelledError (1223) after `session.cancel()`, all with
        `.outcome`; after these last two the rest can be brought back by
        another call.

        Windows and Linux: what came back as which process is known on Linux
        only.
        """
        left = seconds(timeout, RESTART_TIMEOUT)
        end = time.monotonic() + left
        if self._account.owed:
            # Raises in a forked child.
            _ = self._stops.handle.value
            with self._stops.turn.within(left):
                self._stops.holders.discard(self._holder)
                if self._account.owed and not self._stops.holders:
                    self._stops.bring_back(max(0.0, end - time.monotonic()), on_progress, shielded=False)
        return self._account.outcome

    def leave_stopped(self) -> None:
        """Do not bring the programs back: they stay stopped, also when the session ends. (Ours.)

        Raises RuntimeError while another Stopped of the session is open, since
        its programs would stay stopped, too.
        """
        if not self._account.owed:
            return
        _ = self._stops.handle.value
        with self._stops.turn.within(RESTART_TIMEOUT):
            if self._stops.holders - {self._holder}:
                raise RuntimeError(
                    "another stop of this session has not ended, and its programs would stay stopped, too: "
                    "end that one first"
                )
            if self._account.owed:
                _acting.leave_stopped(self._stops.handle)
                self._stops.owe_nothing()

    def __enter__(self) -> Self:
        if self._account.owed:
            _ = self._stops.handle.value
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # In a forked child the session is closed, and nothing is stopped or started from there.
        if not self._account.owed or self._stops.handle.closed:
            return
        try:
            with self._stops.turn.within(RESTART_TIMEOUT):
                self._let_go()
        except BaseException as failed:
            if error is None:
                raise
            error.add_note(note_of(failed))

    def _let_go(self) -> None:
        """Within a turn: this one wants nothing stopped any more; the last one brings everything back."""
        self._stops.holders.discard(self._holder)
        if self._account.owed and not self._stops.holders:
            self._stops.bring_back(RESTART_TIMEOUT)

    def __del__(self) -> None:
        stops = getattr(self, "_stops", None)
        if stops is None or stops.handle.closed or self._holder not in stops.holders:
            return
        stops.holders.discard(self._holder)
        if self._account.owed:
            warnings.warn(
                f"{self!r} was forgotten: its programs are stopped until the session is closed",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

    def __repr__(self) -> str:
        return f"<rmcy.Stopped, {'to be brought back' if self._account.owed else 'done'}: {self.outcome!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Stopped cannot be copied or pickled: its programs are brought back by this process. "
            "Send stopped.outcome."
        )


def _bring_back_at_exit() -> None:
    """For a program that ends without having ended its sessions."""
    for stops in tuple(_owing):
        if stops.handle.closed:
            continue
        try:
            text = "programs that were stopped come back only now, at exit: close the session before"
            warnings.warn(text, ResourceWarning, stacklevel=1)
        finally:
            with stops.turn.within(RESTART_TIMEOUT):
                if stops.account.owed:
                    stops.bring_back(RESTART_TIMEOUT)


atexit.register(_bring_back_at_exit)


def callback(on_progress: Callable[[Progress], object] | None) -> None:
    """Refuse what cannot be called."""
    if on_progress is not None and not callable(on_progress):
        raise TypeError(f"on_progress is of type {type(on_progress).__name__}: give a function")


def outcome_of(account: Accounted) -> Outcome:
    return Outcome(
        [item for item in account.items if isinstance(item, ProgramOutcome)],
        phase=account.phase,
        complete=account.complete,
        reboot_reasons=RebootReason(account.reboot_reasons),
    )


def named(error: RestartManagerError, outcome: Outcome) -> RestartManagerError:
    """The error with the account in it and, where programs are to blame, their names in its text."""
    if isinstance(error, (ShutdownIncompleteError, RestartIncompleteError)):
        blamed = [program for program in outcome if _is_to_blame(program, error.code, outcome)]
        told = "; ".join(f"{program.label}: {program.why or 'no reason is known'}" for program in blamed[:5])
        more = f"; and {len(blamed) - 5} more" if len(blamed) > 5 else ""
        text = f"{error.strerror}: {told}{more}" if told else str(error.strerror)
        advice = error.advice
        if any(program.cause is StopCause.NOT_REGISTERED for program in blamed):
            advice = "Nothing was stopped. Without only_registered it is stopped all the same, and stays so."
        error = type(error)(error.code, error.function, text, advice=advice)
    if isinstance(
        error, (ShutdownIncompleteError, RestartIncompleteError, OperationCancelledError, SessionTimeoutError)
    ):
        error.outcome = outcome
    return error


def _is_to_blame(program: ProgramOutcome, code: int, outcome: Outcome) -> bool:
    if code == 350:
        return program.action is StopAction.NONE and program.cause is not StopCause.NOTHING_DONE
    if code == 351:
        return program in outcome.failed or program.cause in (StopCause.NOT_PLANNED, StopCause.NOT_REGISTERED)
    return program.failed and program.failure is not Failure.NO_WAY


def raise_what_came(done: _acting.Done, outcome: Outcome) -> None:
    """Raise what a signal handler or a callback raised, as it is; else the library's error."""
    if done.raised:
        raise next((error for error in done.raised if not isinstance(error, Exception)), done.raised[0])
    if done.error is not None:
        raise named(done.error, outcome)


def note_of(failed: BaseException) -> str:
    if isinstance(failed, Exception):
        return f"The programs that were stopped could not all be brought back: {failed}"
    return f"{type(failed).__name__} came while the programs that were stopped were brought back."
