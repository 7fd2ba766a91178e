# SPDX-License-Identifier: MIT
"""The second half of `rmcy demo`: plan, stop, replace the files, bring back, and the proof."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import rmcy
from rmcy import AffectedApp, FilterAction, Outcome, PrimarySession, UniqueProcess, UseKind
from rmcy.cli.account import print_plan, print_programs
from rmcy.cli.affected import print_affected
from rmcy.cli.answer import note, say
from rmcy.cli.holders import Holder, Holders


@dataclass(frozen=True, slots=True)
class Files:
    """What the story is about: copies of real files, in a folder of their own."""

    library: Path
    program: Path
    data: Path


def replace(session: PrimarySession, holders: Holders, files: Files) -> bool:
    """Play it; whether everything was right."""
    stays = next(holder for holder in holders.running if (str(files.program), UseKind.EXECUTABLE) in holder.holds)
    session.add_filter(FilterAction.NO_SHUTDOWN, process=stays.process)
    say("\n5. What would a stop do? Most of them have registered how to be started again.")
    say(f"   Nobody knows that of {stays.process.pid}, so a filter is added that keeps it running:\n")
    plan = session.plan()
    print_plan(plan, indent=3)
    with session.shutdown(plan) as stopped:
        say(f"\n6. {len(stopped.outcome.stopped)} programs are stopped. Meanwhile each file is replaced as package")
        say("   managers do it: a new one is written beside it, and renamed. They come back:\n")
        _replace_files(files)
    print_programs(stopped.outcome, indent=3)
    holders.adopt(holders.wait_ready(len(stopped.outcome.restarted)))
    say("\n7. Who uses the new files?\n")
    affected = rmcy.who(files.library, files.program, files.data)
    print_affected(affected, indent=3)
    before = {holder.process: holder for holder in holders.running if holder.holds and holder is not stays}
    return _check(stopped.outcome, before, {app.process: app for app in affected})


def _replace_files(files: Files) -> None:
    for path in (files.library, files.program, files.data):
        new = path.with_name(path.name + ".new")
        shutil.copy(path, new)
        os.replace(new, path)


def _check(outcome: Outcome, before: dict[UniqueProcess, Holder], after: dict[UniqueProcess, AffectedApp]) -> bool:
    """Whether each program is back as a new process, and uses the new file as it did the old one."""
    back = {program.process: program.now for program in outcome if program.restarted}
    wrong = 0
    for process, holder in before.items():
        now = back.get(process)
        app = None if now is None else after.get(now)
        if now is None or now == process or app is None or uses(app) != holder.holds:
            note(f"the program that was {process.pid} should be back with the new file, and is not.")
            wrong += 1
    for process in after.keys() - back.values():
        note(f"process {process.pid} should not use a new file.")
        wrong += 1
    if not wrong:
        say(f"\n8. Right: {len(before)} programs are back, as new processes, each with the new file in")
        say("   place of the old one; nobody else uses the new files.")
    return not wrong


def uses(app: AffectedApp) -> frozenset[tuple[str, UseKind]]:
    """What a program uses, and how."""
    known = {(use.path, use.kind) for use in app.uses or ()}
    # A program that runs is mapped, too.
    return frozenset(known - {(path, UseKind.MAPPED) for path, kind in known if kind is UseKind.EXECUTABLE})
