# SPDX-License-Identifier: MIT
"""`rmcy sessions`: the sessions of this user. It only looks."""

from __future__ import annotations

from collections.abc import Sequence

import click

import rmcy
from rmcy.cli.answer import ANSWERED, Status, json_option, print_json, reports_errors, say
from rmcy.cli.table import Column, print_table
from rmcy.cli.text import quote

COLUMNS = (
    Column("Slot", 4, 4, right=True),
    Column("Owner", 10, 10, right=True, style="bold"),
    Column("State", 10, 10),
    Column("Started", 19, 10),
    Column("Joined", 6, 6, right=True),
    Column("Stopped", 7, 7, right=True),
    Column("Label", 12, 8),
)


@click.command(short_help="List your sessions.")
@json_option
def sessions(as_json: bool) -> Status:
    """List the sessions that this user has started, whether their owners live or not.

    "Joined" is how many other processes have registered something, "Stopped" how many programs are stopped and not
    brought back: if the owner has died, rmcy recover does that. Keys are not shown: the store does not hold them.
    """
    return answer(as_json)


@reports_errors
def answer(as_json: bool) -> Status:
    """Look and print."""
    found = rmcy.sessions()
    if as_json:
        print_json({"schema": "rmcy.sessions/1", "sessions": [_to_dict(info) for info in found]})
    elif found:
        print_sessions(found)
    else:
        say("No sessions.")
    return ANSWERED


def print_sessions(found: Sequence[rmcy.SessionInfo]) -> None:
    """Print the table."""
    print_table(COLUMNS, [_row(info) for info in found])


def _row(info: rmcy.SessionInfo) -> tuple[str, ...]:
    started = info.started.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return (
        "-" if info.slot is None else str(info.slot),
        str(info.owner.pid),
        str(info.state),
        started,
        str(info.secondaries),
        str(info.stopped),
        quote(info.label),
    )


def _to_dict(info: rmcy.SessionInfo) -> dict[str, object]:
    # start_time is 64 bits wide, which jq and JavaScript lose: a string, as in the other schemas.
    return {
        "slot": info.slot,
        "owner": {"pid": info.owner.pid, "start_time": str(info.owner.start_time)},
        "state": str(info.state),
        "secondaries": info.secondaries,
        "records": info.records,
        "stopped": info.stopped,
        "started": info.started.isoformat(),
        "label": info.label,
    }
