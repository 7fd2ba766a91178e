# SPDX-License-Identifier: MIT
"""What a primary session can do besides asking: stop programs, bring them back, and say what is left alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from rmcy import _acting, _filters
from rmcy.enums import FilterAction, RebootReason
from rmcy.errors import OperationCancelledError, SessionTimeoutError, ShutdownIncompleteError
from rmcy.filters import Filter, FilterWord, action_of, filters_of, target
from rmcy.items import PlanStep, Progress
from rmcy.outcome import Outcome
from rmcy.plan import Plan
from rmcy.seconds import seconds
from rmcy.stopped import RESTART_TIMEOUT, Account, Stopped, Stops, callback, note_of, raise_what_came
from rmcy.switch import switch

if TYPE_CHECKING:
    from rmcy._handle import Handle
    from rmcy.paths import PathArg
    from rmcy.programs import ProcessArg

__all__ = ["OnCritical", "OnProgress"]

OnCritical: TypeAlias = Literal["skip", "refuse"]
"""What becomes of a stop that would concern what must not be stopped."""

OnProgress: TypeAlias = Callable[[Progress], object]
"""Called with how far a stop or a restart is."""

# Bad handle, no such function, bad argument, wrong role.
_NOTHING_WAS_DONE = (6, 120, 160, 1219)

PLAN_TIMEOUT = 60.0
APP_TIMEOUT = 30.0
SERVICE_TIMEOUT = 20.0


class Acting:
    """The acting half of PrimarySession."""

    __slots__ = ()

    _handle: Handle
    _stops: Stops

    def plan(
        self,
        *,
        force: bool = False,
        only_registered: bool = False,
        on_critical: OnCritical = "skip",
        timeout: float | None = None,
    ) -> Plan:
        """Tell what `shutdown` with the same arguments would do now. Nothing is done. (Ours.)

        timeout: seconds for the whole call; None is 60.

        Raises DirectoryRegisteredError (5), SessionTimeoutError (121).

        Windows and Linux: Windows has no such call.
        """
        left = seconds(timeout, PLAN_TIMEOUT)
        account = _acting.plan(self._handle, _flags(force, only_registered, on_critical), left)
        return Plan(
            [item for item in account.items if isinstance(item, PlanStep)],
            complete=account.complete,
            reboot_reasons=RebootReason(account.reboot_reasons),
            force=force,
            only_registered=only_registered,
        )

    def shutdown(
        self,
        plan: Plan | None = None,
        *,
        force: bool = False,
        only_registered: bool = False,
        partial_ok: bool = False,
        on_critical: OnCritical = "skip",
        app_timeout: float | None = None,
        service_timeout: float | None = None,
        timeout: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> Stopped:
        """Stop what uses the registered files, and promise to bring it back (RmShutdown).

        It acts now, as `open` does; the list is made anew first.  Programs
        are asked to end, services are stopped by their manager.  What is
        given back is a context manager at whose end everything comes back::

            with session.shutdown() as stopped:
                install()
            print(stopped.outcome)

        plan: nothing outside of it is stopped; newcomers are in the outcome,
        left alone. The other arguments are not taken from it.
        force: kill what does not end in time (RmForceShutdown).
        only_registered: stop nothing unless every program is registered for a
        restart (RmShutdownOnlyRegistered).
        partial_ok: return also when something could not be stopped.
        on_critical: "skip" leaves alone what must not be stopped (PID 1, the
        caller and what it descends from, the caller's login, ...) and stops
        the rest; "refuse" stops nothing then, as the C function does (350).
        Ours: on Linux a file can be replaced while it is in use.
        app_timeout, service_timeout: seconds for a program, or a service, to
        end; None is 30 and 20.
        timeout: seconds for the whole call; None is 70 more than these two.
        on_progress: called with a Progress now and then, in this thread, one
        call after the other; the stop does not wait for it. It may call
        `cancel()`. `affected()` and `register()` wait there until the stop
        has ended, and what would act on the session raises RuntimeError.

        The audit event "rmcy.shutdown", with the session's handle, force and
        only_registered, comes before anything is done.

        Raises ShutdownIncompleteError (351, or 350: nothing was stopped),
        with `.outcome`; SessionTimeoutError (121); OperationCancelledError
        (1223) after `cancel()`; whatever `on_progress` raises, and
        KeyboardInterrupt, as themselves.  What had been stopped is brought
        back before any of these comes out; where that fails, a note is added.
        A program that was asked to end is given three seconds, from then on,
        to do so before it counts as one that goes on (ours).
        While another Stopped of this session is open, it comes back with
        that one.

        Windows and Linux: Windows stops all programs or none where one must
        not be stopped, whatever on_critical says: then it is 350. It cannot
        be given app_timeout and service_timeout, which raise
        UnsupportedPlatformError (120) there. With a plan, newcomers get a
        filter there while the stop lasts. (Ours.)
        """
        if plan is not None and not isinstance(plan, Plan):
            raise TypeError(f"plan is of type {type(plan).__name__}: give what session.plan() returned, or None")
        callback(on_progress)
        switch(partial_ok, "partial_ok")
        flags = _flags(force, only_registered, on_critical)
        app = None if app_timeout is None else seconds(app_timeout, APP_TIMEOUT, "app_timeout")
        service = None if service_timeout is None else seconds(service_timeout, SERVICE_TIMEOUT, "service_timeout")
        most = (APP_TIMEOUT if app is None else app) + (SERVICE_TIMEOUT if service is None else service)
        left = seconds(timeout, 70.0 + most)
        end = time.monotonic() + left
        steps = None if plan is None else tuple(plan)
        stops = self._stops
        number = self._handle.value
        with stops.turn.within(left):
            sys.audit("rmcy.shutdown", number, force, only_registered)
            if not stops.account.owed:
                stops.account = Account()
            owed_before = stops.account.owed
            stopped = Stopped._of(self, stops)
            try:
                # Already now, or an interruption on the next lines would lose what the call did.
                stops.owe()
                left = max(0.0, end - time.monotonic())
                done = _acting.shutdown(self._handle, stops.turn, flags, app, service, steps, left, on_progress)
                if done.error is not None and done.error.code in _NOTHING_WAS_DONE and not owed_before:
                    stops.owe_nothing()
                stops.account.take(done)
                try:
                    raise_what_came(done, stopped.outcome)
                except ShutdownIncompleteError:
                    if not partial_ok:
                        raise
            except BaseException as error:
                _let_go_after(error, stopped)
                raise
        return stopped

    def restart(self, *, timeout: float | None = None, on_progress: OnProgress | None = None) -> Outcome:
        """Bring back everything that this session stopped, whoever still holds a Stopped of it (RmRestart).

        `Stopped` does it by itself; this is the plain function.

        timeout: seconds for the whole call; None is 120.
        on_progress: as of `Stopped.restart`.

        Raises RestartManagerError (776) where nothing has been stopped yet,
        RestartIncompleteError (352), SessionTimeoutError (121) and
        OperationCancelledError (1223) as `Stopped.restart` does.
        """
        left = seconds(timeout, RESTART_TIMEOUT)
        end = time.monotonic() + left
        _ = self._handle.value
        with self._stops.turn.within(left):
            if not self._stops.account.owed:
                # Not into the account of what is back already.
                self._stops.account = Account()
            self._stops.bring_back(max(0.0, end - time.monotonic()), on_progress, shielded=False)
            return self._stops.account.outcome

    def cancel(self) -> None:
        """Cancel what another thread, or on_progress, finds under way in this session (RmCancelCurrentTask).

        A list, a plan, a stop or an explicit restart then raises
        OperationCancelledError there (1223), a stop after it has brought back
        what it had stopped. It may also have come too late, and nothing may
        be under way: both are no error. What brings programs back after a
        failure or at the end of a `with` block is not cancelled. (Ours.)
        """
        _acting.cancel(self._handle, self._stops.turn)

    @overload
    def add_filter(
        self, action: FilterAction | FilterWord, *, module: PathArg, process: None = None, service: None = None
    ) -> None: ...
    @overload
    def add_filter(
        self, action: FilterAction | FilterWord, *, module: None = None, process: ProcessArg, service: None = None
    ) -> None: ...
    @overload
    def add_filter(
        self, action: FilterAction | FilterWord, *, module: None = None, process: None = None, service: str
    ) -> None: ...
    def add_filter(
        self,
        action: FilterAction | FilterWord,
        *,
        module: PathArg | None = None,
        process: ProcessArg | None = None,
        service: str | None = None,
    ) -> None:
        """Say that a program shall not be stopped, or shall stay stopped (RmAddFilter).

        action: FilterAction, or "no_shutdown" or "no_restart". It replaces an
        earlier one for the same target. The program is still listed, with
        the mask in its status.
        module: the absolute path of an executable. process: one process.
        service: one service. Exactly one of the three. Of several filters for
        one program the most specific counts: process, service, module. (Ours.)

        Raises BadArgumentsError (160).
        """
        _filters.add(self._handle, *target(module, process, service), int(action_of(action)))

    @overload
    def remove_filter(self, *, module: PathArg, process: None = None, service: None = None) -> None: ...
    @overload
    def remove_filter(self, *, module: None = None, process: ProcessArg, service: None = None) -> None: ...
    @overload
    def remove_filter(self, *, module: None = None, process: None = None, service: str) -> None: ...
    def remove_filter(
        self, *, module: PathArg | None = None, process: ProcessArg | None = None, service: str | None = None
    ) -> None:
        """Take back a filter (RmRemoveFilter), named as it was for `add_filter`.

        Raises FilterNotFoundError (2, also LookupError), BadArgumentsError (160).
        """
        _filters.remove(self._handle, *target(module, process, service))

    def filters(self) -> tuple[Filter, ...]:
        """List the filters (RmGetFilterList)."""
        return filters_of(self._handle)

    def add_critical(self, pattern: str) -> None:
        """Add to what must not be stopped in this session. (Ours.)

        pattern: the name of a unit, in which * and ? stand for anything, or
        the absolute path of a program.

        Raises BadArgumentsError (160).
        """
        if not isinstance(pattern, str):
            raise TypeError(f"pattern is {pattern!r}, of type {type(pattern).__name__}: give a str")
        _filters.add_critical(self._handle, pattern)


def _flags(force: bool, only_registered: bool, on_critical: OnCritical) -> int:
    if on_critical not in ("skip", "refuse"):
        raise ValueError(f'on_critical is {on_critical!r}: use "skip" or "refuse"')
    flags = _acting.SKIP_CRITICAL if on_critical == "skip" else 0
    flags |= _acting.FORCE if switch(force, "force") else 0
    return flags | (_acting.ONLY_REGISTERED if switch(only_registered, "only_registered") else 0)


def _let_go_after(error: BaseException, stopped: Stopped) -> None:
    """Bring back what a stop that failed had stopped; the error learns of it."""
    try:
        stopped._let_go()
    except Exception as failed:
        error.add_note(note_of(failed))
    except BaseException:
        # An interruption, raised after everything was back: it goes before a mere error.
        if isinstance(error, Exception):
            raise
    finally:
        if isinstance(error, (ShutdownIncompleteError, OperationCancelledError, SessionTimeoutError)):
            error.outcome = stopped.outcome
