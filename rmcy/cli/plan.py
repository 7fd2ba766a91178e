# SPDX-License-Identifier: MIT
"""`rmcy plan`: what a stop would do. It does nothing."""

from __future__ import annotations

from enum import IntEnum

import click

import rmcy
from rmcy import Plan
from rmcy.cli.account import note_plan, print_plan, without_rmcy
from rmcy.cli.answer import json_option, note_names, print_json, reports_errors, say
from rmcy.cli.names import names_options, read_names


class PlanStatus(IntEnum):
    """The exit statuses of a plan. A reboot or a loss is worse than not to know, and that is worse than nobody."""

    RETURNING = 0
    NOBODY = 1
    ERROR = 2
    INCOMPLETE = 3
    LOSS = 4


@click.command(short_help="Tell what a stop would do.")
@names_options
@json_option
@click.option("--force", is_flag=True, help="Plan to kill what does not end by itself.")
def plan(files: tuple[str, ...], null: bool, as_json: bool, force: bool) -> int:
    """Tell what `rmcy run` would do with the programs that use FILEs: nothing is done.

    The steps are in the order of a stop; programs come back in the reverse
    order. With --json it is a plan that `rmcy run --plan` accepts.

    \b
    -  reads names from standard input, one to a line; -0 reads them ended by NUL.
       Directories in such a list are left out, as in a package's list of files.

    \b
    Exit status:
      0  all that use them would be stopped and come back
      1  nobody uses them, and everything could be inspected
      2  something went wrong; also: nobody was found, and a file does not exist
      3  not everything could be inspected
      4  something would not come back, or would be left alone with the old
         files: those are free only after a restart of the system
    """
    names = read_names(files, null)
    if not names:
        raise click.UsageError("standard input names no file; of no file nothing can be said")
    return answer(as_json, names, force)


@reports_errors
def answer(as_json: bool, names: tuple[str, ...], force: bool) -> int:
    """Plan and print; the exit status."""
    with rmcy.start(label="rmcy plan") as session:
        stored = session.register(names)
        made = without_rmcy(session.plan(force=force))
    if as_json:
        print_json(made.to_dict())
    else:
        _print(made)
        note_names(stored.missing, "not there")
        note_plan(made)
    if stored.missing and not len(made):
        # A name that was mistyped is no file that nobody uses.
        return PlanStatus.ERROR
    return judge(made)


def _print(made: Plan) -> None:
    if len(made):
        print_plan(made)
    elif made.complete:
        say("Nobody uses this: there is nothing to stop.")
    else:
        say("Nobody was found, which is not to say that nobody uses this.")


def judge(made: Plan) -> PlanStatus:
    """Tell what the plan comes to."""
    if made.reboot_reasons or made.lost or made.left_alone:
        return PlanStatus.LOSS
    if not made.complete:
        return PlanStatus.INCOMPLETE
    return PlanStatus.RETURNING if len(made) else PlanStatus.NOBODY
