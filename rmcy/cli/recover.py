# SPDX-License-Identifier: MIT
"""`rmcy recover`: bring back what sessions stopped whose owners died."""

from __future__ import annotations

import click

import rmcy
from rmcy import SessionState
from rmcy.cli.account import note_outcome
from rmcy.cli.answer import ANSWERED, Status, note, reports_errors, say
from rmcy.cli.ask import ask, can_ask
from rmcy.cli.progress import showing
from rmcy.cli.sessions import print_sessions


@click.command(short_help="Bring back what a dead session stopped.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--forget", is_flag=True, help="Do not try again what does not come back now.")
def recover(yes: bool, forget: bool) -> Status:
    """Bring back what this user's sessions stopped whose owners have died.

    Living sessions bring back their programs themselves, and are left alone.
    Without a terminal nothing is asked, and --yes is needed.

    \b
    Exit status:
      0  everything is back, or there was nothing to do
      2  something went wrong, or something did not come back
    """
    return answer(False, yes, forget)


@reports_errors
def answer(_as_json: bool, yes: bool, forget: bool) -> Status:
    """Show, ask, bring back."""
    dead = [info for info in rmcy.sessions() if info.state is SessionState.ABANDONED and info.stopped]
    if not dead:
        say("Nothing is left stopped.")
        return ANSWERED
    print_sessions(dead)
    count = sum(info.stopped for info in dead)
    if not yes and not _agreed("1 program" if count == 1 else f"{count} programs"):
        return Status.ERROR
    try:
        with showing("bringing back") as on_progress:
            outcome = rmcy.recover(forget=forget, on_progress=on_progress)
    except (rmcy.RestartIncompleteError, rmcy.SessionTimeoutError) as error:
        if error.outcome is not None:
            note_outcome(error.outcome)
        raise
    note_outcome(outcome)
    return ANSWERED if outcome.ok else Status.ERROR


def _agreed(programs: str) -> bool:
    if not can_ask():
        note("nobody can be asked here, so nothing was done: give --yes.")
        return False
    return ask(f"Bring back {programs}?")
