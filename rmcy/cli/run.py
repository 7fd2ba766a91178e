# SPDX-License-Identifier: MIT
"""`rmcy run`: collect, list, stop, run a command, bring back."""

from __future__ import annotations

import math

import click

from rmcy.cli.patch import REFUSED, Order, carry_out

SEPARATOR = "--"


class CommandBehind(click.Command):
    """A command whose arguments behind `--` are a command of their own, and whose failures are no status of that."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        split = args.index(SEPARATOR) if SEPARATOR in args else len(args)
        behind = args[split + 1 :]
        try:
            context = super().make_context(info_name, args[:split], parent, **extra)
            context.params["command"] = tuple(behind)
        except click.UsageError as error:
            raise _refused(error) from error
        return context

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _refused(error) from error


def _finite(_context: click.Context, _option: click.Parameter, seconds: float | None) -> float | None:
    if seconds is not None and not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


def _refused(error: click.UsageError) -> click.exceptions.Exit:
    error.show()
    return click.exceptions.Exit(REFUSED)


@click.command(
    cls=CommandBehind,
    short_help="Stop what uses files, run a command, bring it back.",
    options_metavar="[OPTIONS]",
)
@click.argument("files", nargs=-1, metavar="[FILE]... -- COMMAND [ARGUMENT]...")
@click.option(
    "-0", "--null", is_flag=True, help="Read names from standard input, each ended by a NUL byte (find -print0)."
)
@click.option(
    "--collect",
    multiple=True,
    metavar="LINE",
    help="Run this line by the shell first: what it starts joins by RMCY_SESSION_KEY and registers. May be repeated.",
)
@click.option(
    "--plan",
    "plan_file",
    metavar="PLAN",
    help="Stop only what this plan names (rmcy plan --json), unasked; without FILEs, all of that.",
)
@click.option("--force", is_flag=True, help="Kill what does not end by itself.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Collect and show the plan; stop and run nothing.")
@click.option(
    "--report", "report_file", metavar="FILE", help="Write what became of each program to this file, as JSON."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="SECONDS",
    help="Give up after this time: the command is ended, and the programs are brought back.",
)
def run(
    files: tuple[str, ...],
    null: bool,
    collect: tuple[str, ...],
    plan_file: str | None,
    force: bool,
    yes: bool,
    dry_run: bool,
    report_file: str | None,
    timeout: float | None,
    command: tuple[str, ...],
) -> int:
    """Stop the programs that use FILEs, run COMMAND, and bring them back.

    They come back whatever becomes of COMMAND. What it registers by the key
    in RMCY_SESSION_KEY (rmcy register does) is dealt with when it has ended:
    the programs that use that are stopped and brought back, too. Programs
    that the system needs are left alone, and named.

    \b
    -  reads names from standard input, one to a line; -0 reads them ended by NUL.
       Directories in such a list are left out.

    Standard output is COMMAND's. Signals to rmcy are handed on to it.
    Without a terminal nothing is asked, and --yes or --plan is needed.

    \b
    Exit status: COMMAND's own, 128+N if signal N ended it; and
      121  COMMAND ended with 0, but a program did not come back
      124  the time was over
      125  rmcy failed or refused, and nothing was run
      126  COMMAND cannot be executed
      127  COMMAND was not found
    """
    if not command and not dry_run:
        raise click.UsageError("no command was given: put it behind --")
    return carry_out(
        Order(
            files=files,
            null=null,
            collect=collect,
            plan_file=plan_file,
            force=force,
            yes=yes,
            dry_run=dry_run,
            report_file=report_file,
            timeout=timeout,
            command=command,
        )
    )
