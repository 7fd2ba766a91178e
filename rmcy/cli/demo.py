# SPDX-License-Identifier: MIT
"""`rmcy demo`: the whole story, with real processes, and with a check that the answer is right."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

import rmcy
from rmcy import AffectedList, PrimarySession, UseKind
from rmcy.cli.affected import print_affected, unseen
from rmcy.cli.answer import ANSWERED, Status, note, reports_errors, say
from rmcy.cli.demo_replace import Files, replace, uses
from rmcy.cli.holders import LOADS, NOTHING, OPENS, Holders, run_register
from rmcy.cli.signals import ended_by_signals
from rmcy.cli.table import terminal_width
from rmcy.cli.text import quote, shorten_middle


@click.command(short_help="Play the whole story with real programs.")
def demo() -> Status:
    """Play the whole story with real programs and files, and check it.

    Programs are started that use files in a temporary folder; two other
    processes join a session by its key and register the files; the session
    says who uses them, stops those, and brings them back once the files have
    been replaced. Everything is cleaned up again.

    \b
    Exit status:
      0  each answer was exactly right, and everything came back
      2  it was not, or something went wrong
    """
    return play(False)


@reports_errors
def play(_as_json: bool) -> Status:
    """Play it, and clean up whatever happens."""
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="rmcy-demo-") as name:
        folder = Path(name).resolve()
        files = _copy_files(folder)
        with Holders(folder) as holders, rmcy.start(label="rmcy demo") as session:
            _start_programs(holders, files)
            _show_programs(holders, folder)
            if not _register(session, files):
                return Status.ERROR
            say("\n3. The session is asked who uses those files:\n")
            affected = session.affected()
            print_affected(affected, indent=3)
            if not affected.complete:
                note(f"{unseen(affected)}.")
            right = _check(affected, holders)
            return ANSWERED if replace(session, holders, files) and right else Status.ERROR


def _copy_files(folder: Path) -> Files:
    library = rmcy.backend_info().library
    program = shutil.which("cat")
    if library is None or program is None:
        raise FileNotFoundError(
            "the demo replaces a library and a program that are in use, which Windows refuses: it needs Linux, "
            "a Restart Manager in a library of its own, and the program cat"
        )
    data = folder / "orders.db"
    data.write_bytes(b"real data\n")
    return Files(
        library=Path(shutil.copy(library, folder / "libdemo.so.1")),
        program=Path(shutil.copy(program, folder / "cat")),
        data=data,
    )


def _start_programs(holders: Holders, files: Files) -> None:
    holders.python(LOADS, files.library, UseKind.MAPPED, f"has loaded {files.library.name}")
    holders.python(LOADS, files.library, UseKind.MAPPED, f"has loaded {files.library.name}")
    holders.python(OPENS, files.data, UseKind.OPEN, f"has opened {files.data.name}")
    holders.program(files.program, f"was started from the file {files.program.name}")
    holders.python(NOTHING, None, None, "uses none of them")


def _show_programs(holders: Holders, folder: Path) -> None:
    say("Who uses the files that are about to be replaced?\n")
    say(f"1. {len(holders.running)} programs run. Some use files in this folder:")
    say(f"   {shorten_middle(quote(str(folder)), (terminal_width() or len(str(folder)) * 4) - 3)}\n")
    for holder in holders.running:
        say(f"   {holder.process.pid:>7}  {holder.story}")


def _register(session: PrimarySession, files: Files) -> bool:
    say("\n2. A session was started. Two installers, each a process of its own, get its")
    say("   key in their environment; they join, register their files, and leave:\n")
    for batch in ([files.library, files.program], [files.data]):
        with run_register(batch, session.child_env()) as child:
            said = child.communicate()[0].decode(errors="replace").strip()
        names = " ".join(path.name for path in batch)
        say(f"   {child.pid:>7}  rmcy register {names}: {said}")
        if child.returncode:
            note(f"the installer with pid {child.pid} ended with status {child.returncode}.")
            return False
    return True


def _check(affected: AffectedList, holders: Holders) -> bool:
    found = {app.process: uses(app) for app in affected}
    expected = {holder.process: holder.holds for holder in holders.running if holder.holds}
    if found == expected:
        idle = next(holder for holder in holders.running if not holder.holds)
        say(f"\n4. Right: these are the {len(expected)} programs that were started on these files, each with")
        say(f"   what it was told to use; {idle.process.pid}, which uses none, is not in the list.")
        return True
    for process in expected.keys() - found.keys():
        note(f"the answer is wrong: process {process.pid} is not in it.")
    for process in found.keys() - expected.keys():
        note(f"the answer is wrong: process {process.pid} is in it, and was not started for this.")
    for process in expected.keys() & found.keys():
        if found[process] != expected[process]:
            note(f"the answer is wrong about process {process.pid}: it uses {sorted(expected[process])}.")
    return False
