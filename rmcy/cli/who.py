# SPDX-License-Identifier: MIT
"""`rmcy who`: which programs use these files."""

from __future__ import annotations

import os
from typing import Literal

import click

import rmcy
from rmcy import AffectedList, RebootReason
from rmcy.cli.affected import print_affected, unseen
from rmcy.cli.answer import Status, json_option, note, note_names, print_json, reports_errors, say
from rmcy.cli.names import names_options, read_names
from rmcy.directories import expand
from rmcy.seconds import LIST_TIMEOUT


@click.command(short_help="Tell which programs use files.")
@names_options
@json_option
@click.option("-r", "--recursive", is_flag=True, help="Ask about every file below a directory.")
@click.option("--mine", is_flag=True, help="Ask about your own programs only; needs no privilege.")
@click.option("--ignore-missing", is_flag=True, help="A file that does not exist is used by nobody, and no error.")
def who(files: tuple[str, ...], null: bool, as_json: bool, recursive: bool, mine: bool, ignore_missing: bool) -> Status:
    """Tell which programs use FILEs: have them open or mapped, or run them.

    \b
    -  reads names from standard input, one to a line; -0 reads them ended by NUL.
       Directories in such a list are left out, as in a package's list of files.

    \b
    Exit status:
      0  somebody uses them
      1  nobody does, and everything could be inspected
      2  something went wrong; also: nobody was found, and a file does not exist
      3  nobody was found, but not everything could be inspected
    """
    names = read_names(files, null, keep_directories=recursive)
    if not names:
        raise click.UsageError("standard input names no file; of no file nothing can be said")
    return answer(as_json, names, recursive, "mine" if mine else "all", ignore_missing)


@reports_errors
def answer(
    as_json: bool, names: tuple[str, ...], recursive: bool, scope: Literal["all", "mine"], ignore_missing: bool
) -> Status:
    """Ask and print; the exit status."""
    affected = ask(names, recursive, scope)
    missing = () if ignore_missing else affected.missing
    if as_json:
        print_json(affected.to_dict())
    else:
        _print(affected)
        note_names(missing, "not there (--ignore-missing takes that for unused)")
        if not affected.complete:
            note(f"{unseen(affected)}.")
    if len(affected):
        return Status.SOMEBODY
    if missing:
        return Status.ERROR
    return Status.NOBODY if affected.complete else Status.INCOMPLETE


def ask(names: tuple[str, ...], recursive: bool, scope: Literal["all", "mine"]) -> AffectedList:
    """Ask who uses the files; without the process that asks, which only looks."""
    files = expand(names, LIST_TIMEOUT) if recursive else names
    if not files:
        return AffectedList(complete=True)
    found = rmcy.who(files, scope=scope)
    others = [app for app in found if app.process.pid != os.getpid()]
    return AffectedList(
        others,
        complete=found.complete,
        skipped=found.skipped,
        missing=found.missing,
        reboot_reasons=found.reboot_reasons & ~RebootReason.DETECTED_SELF,
        stats=found.stats,
    )


def _print(affected: AffectedList) -> None:
    if len(affected):
        print_affected(affected)
    elif affected.complete:
        say("Nobody uses this.")
    else:
        say("Nobody was found, which is not to say that nobody uses this.")
