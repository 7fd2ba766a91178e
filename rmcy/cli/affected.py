# SPDX-License-Identifier: MIT
"""The answer for people: a table of programs with what they hold, and a sentence on what could not be seen."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rmcy import AffectedApp, AffectedList, SkipCause, Skipped, UseKind
from rmcy.cli.table import Column, print_table
from rmcy.cli.text import quote

COLUMNS = (
    Column("PID", 10, 10, right=True, style="bold"),
    Column("Program", 12, 8, style="cyan"),
    Column("Service", 14, 8),
    Column("User", 8, 5),
    Column("Holds", 6, 6),
    Column("File", 30, 24, from_middle=True),
)
USES_SHOWN = 8

WORDS = {UseKind.OPEN: "open", UseKind.MAPPED: "mapped", UseKind.EXECUTABLE: "runs"}

CAUSES = {
    SkipCause.PERMISSION: "{} may not be inspected by this user (ask as root, or about your own only: --mine)",
    SkipCause.BLOCKED: "{} did not answer in time (is a network file system down? try again)",
    SkipCause.NAMESPACE: "processes outside this container, or hidden by hidepid, cannot be seen (ask as root outside)",
    SkipCause.CHANGING: "{} kept starting other programs or ending too soon (try again)",
    SkipCause.UNCERTAIN: "{} may hold a file, but that could not be confirmed (ask as root)",
    SkipCause.ERROR: "{} could not be read (try again)",
    SkipCause.FILE: "of {} it could not be read which file it is (ask as a user who may reach it)",
}


def print_affected(affected: AffectedList, indent: int = 0) -> None:
    """Print the table."""
    rows = [row for app in affected for row in _rows(app)]
    print_table(COLUMNS, rows, indent)


def _rows(app: AffectedApp) -> Iterator[tuple[str, ...]]:
    service = (app.service or "").removesuffix(".service")
    # Process 0: a registered service that has no process.
    program = quote(program_name(app.name, app.exe, app.service))
    first = [str(app.process.pid or "-"), program, quote(service), _user(app.uid)]
    uses = list(_uses(app))
    for holds, file in uses[:USES_SHOWN]:
        yield (*first, holds, file)
        first = [""] * len(first)
    if len(uses) > USES_SHOWN:
        yield (*first, "", f"and {len(uses) - USES_SHOWN} more (--json lists all)")


def program_name(name: str, exe: str | None, service: str | None) -> str:
    """What to call a program where its unit has a column of its own: a service's name is a title in words."""
    return os.path.basename(exe) if service and exe else name


def _uses(app: AffectedApp) -> Iterator[tuple[str, str]]:
    if app.uses is None:
        yield "", "(this system does not tell which)"
        return
    if not app.uses:
        yield "", "(was registered itself)"
        return
    runs = {use.path for use in app.uses if use.kind is UseKind.EXECUTABLE}
    for use in app.uses:
        # A program that runs is mapped: that goes without saying.
        if use.kind is not UseKind.MAPPED or use.path not in runs:
            yield WORDS.get(use.kind, str(use.kind)), quote(use.path) + (" (deleted)" if use.deleted else "")


def _user(uid: int | None) -> str:
    if uid is None:
        return ""
    try:
        import pwd  # not on every system

        return quote(pwd.getpwuid(uid).pw_name)
    except (ImportError, KeyError):
        return str(uid)


def unseen(affected: AffectedList) -> str:
    """One sentence on what could not be inspected, and what to do; empty if the answer is complete."""
    if affected.complete:
        return ""
    causes = "; ".join(_cause(skipped) for skipped in affected.skipped)
    return f"the answer is incomplete: {causes or 'the system does not tell why'}"


def _cause(skipped: Skipped) -> str:
    sentence = CAUSES.get(skipped.cause, f"{{}} could not be inspected ({skipped.cause})")
    if skipped.cause is SkipCause.PERMISSION and _is_root():
        sentence = "{} may not be inspected, not even by root (protected by the system)"
    what = "file" if skipped.cause is SkipCause.FILE else "process"
    plural = "files" if what == "file" else "processes"
    count = f"{skipped.count} {what if skipped.count == 1 else plural}" if skipped.count else f"some {plural}"
    return sentence.format(count)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
