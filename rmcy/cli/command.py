# SPDX-License-Identifier: MIT
"""The command `rmcy`: its subcommands, and how it ends."""

from __future__ import annotations

import sys
import traceback
import warnings
from typing import TextIO

import click

import rmcy
from rmcy.cli.answer import ANSWERED, Status, UnwritableError, note, say, silence
from rmcy.cli.bench import bench
from rmcy.cli.demo import demo
from rmcy.cli.plan import plan
from rmcy.cli.recover import recover
from rmcy.cli.register import register
from rmcy.cli.run import run as run_command
from rmcy.cli.sessions import sessions
from rmcy.cli.who import who


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        info = rmcy.backend_info()
        # Windows' own has a version; the one of the tests under Wine has none.
        backend = f"{info.backend} {info.version}".rstrip()
        scanner = f", scanner {info.scanner}" if info.scanner else ""
        say(f"rmcy {rmcy.__version__} (backend {backend}{scanner})")
        context.exit(ANSWERED)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and the Restart Manager in use.",
)
def cli() -> None:
    """Who uses these files? Stop them, replace the files, bring them back."""


for command in (who, plan, run_command, register, sessions, recover, demo, bench):
    cli.add_command(command)


def run() -> int:
    """Run the command line; return its exit status. Nothing but "nobody, and complete" ever ends with 1."""
    warnings.showwarning = _note_warning
    try:
        return _run()
    except KeyboardInterrupt:
        silence()
        return 128 + 2  # SIGINT
    except BrokenPipeError:
        silence()
        return 128 + 13  # SIGPIPE, where there is one
    except UnwritableError as error:
        silence()
        note(f"{error}.")
        return Status.ERROR


def _note_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    # Where in the sources it was given is not for those who use the command line.
    note(str(message))


def _run() -> int:
    try:
        # Not cli.main(): that turns a broken pipe into status 1.
        with cli.make_context("rmcy", sys.argv[1:]) as context:
            return int(cli.invoke(context))
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return Status.ERROR
    except (BrokenPipeError, UnwritableError):
        raise
    except Exception:
        # Python's own status for this would be 1, which here means "nobody".
        traceback.print_exc()
        return Status.ERROR
