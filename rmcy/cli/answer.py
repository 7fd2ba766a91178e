# SPDX-License-Identifier: MIT
"""What every command does alike: exit statuses, JSON, errors as sentences, notes beside the answer."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Concatenate, ParamSpec, TypeVar

import click

import rmcy
from rmcy.cli.text import escape, quote

P = ParamSpec("P")
R = TypeVar("R", bound=int)


class Status(IntEnum):
    """The exit statuses of a question; the other commands use ANSWERED (0) and ERROR."""

    SOMEBODY = 0
    NOBODY = 1
    ERROR = 2
    INCOMPLETE = 3


NAMED = 3

ANSWERED = Status.SOMEBODY


def json_option(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the option --json, as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


class UnwritableError(Exception):
    """The answer could not be written, which is another matter than not finding it."""


def say(line: str) -> None:
    """Print a line of the answer on standard output, at once."""
    if sys.stdout is None:
        raise UnwritableError("the answer could not be written: standard output is closed")
    try:
        print(line, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableError(f"the answer could not be written: {error}") from error


def silence() -> None:
    """Let the interpreter's last flush of standard output meet no error."""
    if sys.stdout is None:
        return
    with open(os.devnull, "wb") as devnull:
        os.dup2(devnull.fileno(), sys.stdout.fileno())


def print_json(data: Mapping[str, object]) -> None:
    """Print an object on standard output; pure ASCII, so that no name in it can act on a terminal."""
    say(json.dumps(data, indent=2))


def tell(line: str) -> None:
    """Print a line beside the answer, as it is: on standard error, if that is open."""
    if sys.stderr is not None:
        print(line, file=sys.stderr, flush=True)


def note(sentence: str) -> None:
    """Say something beside the answer, on standard error: on a terminal in whole words, else on one line."""
    if sys.stderr is None:
        return
    text = f"rmcy: {escape(sentence)}"
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)
    print(text, file=sys.stderr)


def note_names(names: Sequence[str], what: str) -> None:
    """Say something of the names, on standard error: of all, but spelling out only the first few."""
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        note(f"{', '.join(map(quote, names[:NAMED]))}{more}: {what}.")


def reports_errors(command: Callable[Concatenate[bool, P], R]) -> Callable[Concatenate[bool, P], R | Status]:
    """Let a command end with ERROR and a sentence (an object with --json) where rmcy or the system says no."""

    @functools.wraps(command)
    def reporting(as_json: bool, /, *args: P.args, **kwargs: P.kwargs) -> R | Status:
        try:
            return command(as_json, *args, **kwargs)
        except BrokenPipeError:
            raise
        except (OSError, ValueError, rmcy.IncompleteAnswerError) as error:
            message = error_message(error)
            if as_json:
                print_json(error_dict(error, message))
            else:
                note(message)
            return Status.ERROR

    return reporting


def error_message(error: BaseException) -> str:
    """The sentence for an error."""
    if isinstance(error, rmcy.DirectoryRegisteredError) and error.directories:
        # Its own advice speaks of a parameter.
        named = ", ".join(quote(name) for name in error.directories[:NAMED])
        what = "is a directory" if len(error.directories) == 1 else "are directories"
        return f"{named} {what}; name the files in it (rmcy who --recursive takes all of them)."
    if isinstance(error, (rmcy.ShutdownIncompleteError, rmcy.RestartIncompleteError, rmcy.OperationCancelledError)):
        # So does theirs; what became of each program is said beside it.
        return f"{error.strerror}."
    return str(error)


def error_dict(error: BaseException, message: str) -> dict[str, object]:
    """The object `rmcy.error/1`; what only an error of the Restart Manager has is null for any other."""
    data: dict[str, object] = {
        "schema": "rmcy.error/1",
        "type": type(error).__name__,
        "message": message,
        "errno": error.errno if isinstance(error, OSError) else None,
    }
    known = error if isinstance(error, rmcy.RestartManagerError) else None
    for name in ("code", "name", "function", "advice"):
        data[name] = getattr(known, name, None)
    return data
