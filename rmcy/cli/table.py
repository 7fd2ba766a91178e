# SPDX-License-Identifier: MIT
"""Tables that fit a terminal, down to the least that their columns can do with; in a pipe nothing is cut."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from rmcy.cli.answer import say, tell
from rmcy.cli.text import shorten_end, shorten_middle

GAP = 2
# Of the last column, when nothing else can give way any more.
NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, how narrow it may get (first all columns to `soft`, then to `hard`), its looks.

    What is too long in a column `from_middle` loses its middle, elsewhere its end.
    """

    title: str
    soft: int
    hard: int
    right: bool = False
    from_middle: bool = False
    style: str = ""

    def fit(self, text: str, width: int) -> str:
        """Cut a text to the width that the column has got."""
        return shorten_middle(text, width) if self.from_middle else shorten_end(text, width)


def terminal_width(beside: bool = False) -> int | None:
    """The width to keep to: COLUMNS, else the terminal's; None where the output is not for a terminal.

    beside: of standard error, where what is not the answer goes.
    """
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size((sys.stderr if beside else sys.stdout).fileno()).columns or None
    except (AttributeError, OSError, ValueError):  # AttributeError: it is closed
        return None


def print_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], indent: int = 0, beside: bool = False
) -> None:
    """Print the rows under the titles; a column that has nothing in it is left out."""
    used = [n for n in range(len(columns)) if any(row[n] for row in rows)]
    columns = [columns[n] for n in used]
    rows = [[row[n] for n in used] for row in rows]
    limit = terminal_width(beside)
    widths = _widths(columns, rows, None if limit is None else limit - indent)
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            column.fit(column.title, width),
            width=width,
            no_wrap=True,
            justify="right" if column.right else "left",
            style=column.style,
        )
    for row in rows:
        table.add_row(*(c.fit(cell, width) for c, cell, width in zip(columns, row, widths, strict=True)))
    console = Console(
        width=sum(widths) + GAP * len(widths),
        stderr=beside,
        # rich takes NO_COLOR for "but bold", and every dumb terminal for 80 columns wide.
        force_terminal=False if plain_terminal() else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        (tell if beside else say)((" " * indent + line).rstrip())


def plain_terminal() -> bool:
    """Whether the terminal shall not, or cannot, be given colours and the like."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in {"dumb", "unknown"}


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], limit: int | None) -> list[int]:
    widths = [max(map(cell_len, [c.title, *cells])) for c, *cells in zip(columns, *rows, strict=True)]
    if limit is None:
        return widths
    excess = sum(widths) + GAP * (len(widths) - 1) - limit
    # From the right: the last column, which has the paths, gives way first.
    order = list(reversed(range(len(columns))))
    soft = [(n, columns[n].soft) for n in order]
    hard = [(n, columns[n].hard) for n in order]
    for n, least in (*soft, *hard, (order[0], NARROWEST)):
        cut = max(0, min(excess, widths[n] - least))
        widths[n] -= cut
        excess -= cut
    return widths
