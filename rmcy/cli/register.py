# SPDX-License-Identifier: MIT
"""`rmcy register`: add files to somebody's session, and leave."""

from __future__ import annotations

import os

import click

import rmcy
from rmcy.cli.answer import ANSWERED, Status, note_names, reports_errors, say
from rmcy.cli.names import names_options, read_names

# More than a key and a line end: of a file that is no key, enough to see that.
READ_AT_MOST = 4096


@click.command(short_help="Add files to a session, by its key.")
@names_options
@click.option(
    "--if-session", is_flag=True, help="Without a key do nothing, and succeed: for scripts that may run alone."
)
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False), help="Read the session's key from this file.")
@click.option(
    "--key-fd", type=click.IntRange(min=0, max=2**31 - 1), help="Read the session's key from this open descriptor."
)
def register(files: tuple[str, ...], null: bool, if_session: bool, key_file: str | None, key_fd: int | None) -> Status:
    """Join a session by its key, register FILEs in it, and leave.

    The key comes from the environment variable RMCY_SESSION_KEY, or from a file or descriptor. It is never an
    argument: every user of the machine can read those.

    \b
    -  reads names from standard input, one to a line; -0 reads them ended by NUL.
       Directories in such a list are left out.
    """
    if key_file is not None and key_fd is not None:
        raise click.UsageError("--key-file and --key-fd both name the key; give one")
    if key_file is None and key_fd is None and not os.environ.get("RMCY_SESSION_KEY"):
        if if_session:
            return ANSWERED
        raise click.UsageError(
            "there is no key: RMCY_SESSION_KEY is not set, which a session's owner sets for what it starts, and "
            "neither --key-file nor --key-fd names one"
        )
    return add(False, read_names(files, null), key_file if key_file is not None else key_fd)


@reports_errors
def add(as_json: bool, files: tuple[str, ...], key_from: str | int | None) -> Status:
    """Join, register, leave."""
    with rmcy.join(None if key_from is None else _read_key(key_from)) as session:
        stored = session.register(files)
    say(f"Registered {stored.files} {'file' if stored.files == 1 else 'files'}.")
    note_names(stored.missing, "not there now; each list of the session looks again")
    note_names(stored.denied, "may not be looked at by this user; the session's lists will be incomplete")
    return ANSWERED


def _read_key(source: str | int) -> str:
    with open(source, "rb", buffering=0, closefd=not isinstance(source, int)) as file:
        data = b""
        # A pipe gives what has been written so far; a key may come in parts.
        while len(data) < READ_AT_MOST and (more := file.read(READ_AT_MOST - len(data))):
            data += more
    # What is no ASCII is no key either: rmcy says so, in its own words.
    return data.decode("ascii", "replace").strip()
