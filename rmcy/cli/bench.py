# SPDX-License-Identifier: MIT
"""`rmcy bench`: a small measurement of what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rmcy.cli.answer import ANSWERED, Status, json_option, note, print_json, reports_errors, say
from rmcy.cli.signals import ended_by_signals
from rmcy.cli.table import Column, print_table
from rmcy.cli.text import quote

if TYPE_CHECKING:
    from rmcy.bench import Entrant, Report, Result

COLUMNS = (
    Column("Work", 14, 10),
    Column("By", 6, 4, style="bold"),
    Column("Time", 8, 8, right=True),
    Column("Least", 8, 8, right=True),
    Column("Ratio", 6, 6, right=True),
    Column("Quartiles", 12, 8),
)


@click.command(short_help="Measure what rmcy costs here.")
@json_option
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True, help="Rounds of each contest.")
def bench(as_json: bool, rounds: int) -> Status:
    """Measure rmcy beside ctypes, both over the Restart Manager that is in use here.

    Real sessions, files and programs, for some seconds; everything is cleaned
    up again. "Time" is that of one call, the median of the rounds; "Ratio" is
    how many times as long as rmcy it took in the same round.

    \b
    Exit status:
      0  it was measured
      2  rmcy's answer was wrong, or something went wrong
    """
    return answer(as_json, rounds)


@reports_errors
def answer(as_json: bool, rounds: int) -> Status:
    """Measure and print."""
    # Only who measures needs it.
    from rmcy.bench import measure

    with ended_by_signals():
        report = measure(rounds=rounds)
    if as_json:
        print_json(report.to_dict())
    else:
        print_table(COLUMNS, [_row(contest, one) for contest in report.contests for one in contest.entrants])
        say("")
        say(f"{_versions(report)}, {rounds} {'round' if rounds == 1 else 'rounds'}")
    for contest in report.contests:
        for one in contest.entrants:
            if one.wrong is not None:
                note(f"wrong: {contest.name}, {contest.size:,} at a time, by {one.name}: {one.wrong}.")
    return ANSWERED if report.right else Status.ERROR


def _row(contest: Result, one: Entrant) -> tuple[str, ...]:
    from rmcy.bench.result import duration

    taken = contest.per_call(one.name)
    times = (one.name, duration(taken.median), duration(taken.min))
    if one is contest.subject:
        return (f"{contest.name} ({contest.size:,})", *times, "", "")
    ratio = contest.ratio(one.name)
    spread = f"{ratio.lower_quartile:.2f} to {ratio.upper_quartile:.2f}"
    return ("", *times, f"{ratio.median:.2f}", "wrong answer" if one.wrong is not None else spread)


def _versions(report: Report) -> str:
    known = {package.name: package.version for package in report.packages}
    scanner = f", scanner {report.scanner}" if report.scanner else ""
    machine = report.machine
    processor = f"{machine.processors} x {quote(machine.processor)}" if machine.processor else ""
    return f"rmcy {known['rmcy']}, Python {known['python']}, {machine.system}{scanner}, {processor}".removesuffix(", ")
