# SPDX-License-Identifier: MIT
"""How far a stop or a restart is: a bar on a terminal, else a line for each program, on standard error."""

from __future__ import annotations

import locale
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars

from rmcy import Progress
from rmcy.cli.answer import note
from rmcy.cli.table import plain_terminal
from rmcy.cli.text import quote, shorten_end

# Together they fit 80 columns.
NAME_WIDTH = 30
BAR_WIDTH = 24


@contextmanager
def showing(what: str) -> Generator[Callable[[Progress], None], None, None]:
    """Give the function that shows progress: `what` is being done, "stopping"."""
    if sys.stderr is None or not sys.stderr.isatty() or plain_terminal():
        yield lambda progress: _line(what, progress)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(BAR_WIDTH), TaskProgressColumn())
    # Drawn when there is news: a thread that draws all the while would be one more that a signal can meet.
    with _screen() as screen, Bars(*columns, console=screen, auto_refresh=False, transient=True) as bars:
        task = bars.add_task(f"{what.capitalize()} ...", total=100)

        def show(progress: Progress) -> None:
            bars.update(task, completed=progress.percent, description=_description(what, progress), refresh=True)

        yield show


@contextmanager
def _screen() -> Generator[Console, None, None]:
    """Standard error, for rich to draw on. In the locale C Python writes UTF-8, which the terminal need not take."""
    if locale.setlocale(locale.LC_CTYPE) not in {"C", "POSIX"}:
        yield Console(stderr=True)
        return
    with open(sys.stderr.fileno(), "w", encoding="ascii", errors="backslashreplace", closefd=False) as plain:
        yield Console(file=plain)


def _description(what: str, progress: Progress) -> str:
    name = "..." if progress.app is None else shorten_end(quote(progress.app.label), NAME_WIDTH)
    return f"{what.capitalize()} {name}"


def _line(what: str, progress: Progress) -> None:
    if progress.app is not None:
        note(f"{what} {progress.app.label}: {progress.percent} %.")
