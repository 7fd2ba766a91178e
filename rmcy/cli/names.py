# SPDX-License-Identifier: MIT
"""Which files a command is asked about: its arguments, and lists on standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from rmcy.cli.answer import note

Command = TypeVar("Command", bound=Callable[..., Any])

STDIN = "-"


def names_options(command: Command) -> Command:
    """Give a command the parameters `files` and `null`, to be handed to `read_names`."""
    null = click.option(
        "-0", "--null", is_flag=True, help="Read names from standard input, each ended by a NUL byte (find -print0)."
    )
    return click.argument("files", nargs=-1, metavar="FILE...")(null(command))


def read_names(files: tuple[str, ...], null: bool, keep_directories: bool = False) -> tuple[str, ...]:
    """Collect the names; `-` stands for a list on standard input, a name to a line, or ended by NUL with `-0`.

    A directory that is named is left for rmcy to refuse. One in a list is left out, since lists such as a
    package's have the directories of its files in them.
    """
    named = tuple(file for file in files if file != STDIN)
    if not null and STDIN not in files:
        if not named:
            raise click.UsageError("no file was named; give names, or - to read them from standard input")
        return named
    listed = tuple(_split(_read_stdin(), null))
    return (*named, *(listed if keep_directories else _without_directories(listed)))


def _without_directories(listed: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(name for name in listed if not os.path.isdir(name))
    if left_out := len(listed) - len(kept):
        what = "1 directory" if left_out == 1 else f"{left_out} directories"
        note(f"{what} in the list left out.")
    return kept


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise click.UsageError("names were to come from standard input, which is closed")
    return sys.stdin.buffer.read()


def _split(data: bytes, null: bool) -> Iterator[str]:
    if null:
        # An empty name in the middle is no accident of the format: rmcy refuses it further down.
        return map(_decode, data.removesuffix(b"\0").split(b"\0") if data else ())
    if b"\0" in data:
        raise click.UsageError("the list on standard input has NUL bytes in it; read it with -0")
    ending = os.linesep.removesuffix("\n").encode()
    lines = (line.removesuffix(ending) for line in data.split(b"\n"))
    return (_decode(line) for line in lines if line)


def _decode(name: bytes) -> str:
    try:
        return os.fsdecode(name)
    except UnicodeDecodeError:
        # Not where names are bytes.
        raise click.UsageError(
            f"a name on standard input is not UTF-8: {name!r}; on Windows `chcp 65001` makes programs write that"
        ) from None
