# SPDX-License-Identifier: MIT
"""Sessions whose owner died: what is stopped still, and how it comes back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rmcy import _acting, _handle
from rmcy.enums import Phase, SessionState
from rmcy.items import Progress
from rmcy.log import log_changes
from rmcy.outcome import Outcome
from rmcy.records import SessionInfo, UniqueProcess
from rmcy.seconds import STORE_TIMEOUT, seconds
from rmcy.stopped import RESTART_TIMEOUT, callback, outcome_of, raise_what_came
from rmcy.switch import switch

__all__ = ["recover", "sessions"]


_STATES = (SessionState.LIVE, SessionState.ABANDONED, SessionState.FOREIGN, SessionState.UNREADABLE)


def sessions(*, timeout: float | None = None) -> tuple[SessionInfo, ...]:
    """List the sessions in this user's store. It changes nothing. (Ours.)

    timeout: seconds for the whole call; None is 10.

    Raises SessionTimeoutError, StoreError.

    Windows and Linux: Windows tells nobody which sessions there are.
    """
    return tuple(_session_info(row) for row in _handle.sessions(seconds(timeout, STORE_TIMEOUT)))


def recover(
    *, forget: bool = False, timeout: float | None = None, on_progress: Callable[[Progress], object] | None = None
) -> Outcome:
    """Bring back what sessions of this user stopped whose owners have died since. (Ours.)

    Nothing else does that: starting a session only warns of them. Where
    nobody died there is nothing to do, and the outcome is empty.

    forget: what does not come back this time is not tried again, and no
    longer reported as left stopped.
    timeout: seconds for the whole call; None is 120.
    on_progress: called with a Progress now and then, in this thread. Its
    exception, and Ctrl-C, do not end the recovery; they are raised after it.
    The audit event "rmcy.recover" comes before.

    Raises RestartIncompleteError (352) and SessionTimeoutError (121), both
    with `.outcome`; StoreError. After a time-out it can be called again.

    Windows and Linux: Windows keeps no account of what was stopped, so that
    there is nothing to recover there.
    """
    left = seconds(timeout, RESTART_TIMEOUT)
    callback(on_progress)
    switch(forget, "forget")
    sys.audit("rmcy.recover")
    done = _acting.recover(forget, left, on_progress)
    outcome = Outcome(phase=Phase.RECOVER) if done.account is None else outcome_of(done.account)
    log_changes(Outcome(), outcome)
    raise_what_came(done, outcome)
    return outcome


def _session_info(row: tuple[int | None, int, int, int, int, int, int, int, str]) -> SessionInfo:
    slot, pid, born, state, secondaries, records, stopped, started, label = row
    return SessionInfo(
        slot=slot,
        owner=UniqueProcess(pid, born),
        state=_STATES[state] if state < len(_STATES) else SessionState(f"unknown_{state}"),
        secondaries=secondaries,
        records=records,
        stopped=stopped,
        # Not fromtimestamp(): a damaged store may say anything, and that raises for years that a clock cannot show.
        started=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(started, 0), 2**37)),
        label=label,
    )
