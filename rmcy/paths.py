# SPDX-License-Identifier: MIT
"""What callers may give as files, and what `directories` makes of directories."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol, TypeAlias, cast

from rmcy._lists import PathList

__all__ = ["ArrowArray", "ArrowStream", "Directories", "PathArg"]

PathArg: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""A path: str, bytes or os.PathLike. Relative ones are resolved when they are registered. (Ours.)"""


class ArrowArray(Protocol):
    """A column of pyarrow or another library; of strings or binaries, it is a list of paths."""

    def __arrow_c_array__(self, requested_schema: object = None, /) -> object: ...


class ArrowStream(Protocol):
    """A column in pieces, or a table with one column: of pandas, polars, pyarrow, duckdb or another library."""

    def __arrow_c_stream__(self, requested_schema: object = None, /) -> object: ...


Directories: TypeAlias = Literal["refuse", "skip", "expand", "accept"]


def path_list(
    files: PathArg | Iterable[PathArg] | ArrowArray | ArrowStream, what: str = "files"
) -> Sequence[PathArg] | PathList:
    """One path or many, as a list, a tuple or packed. Entries are looked at later, once, while they are packed."""
    # Lists come first: asking whether something is PathLike costs more than packing a path.
    if type(files) is list or type(files) is tuple:
        return cast("Sequence[PathArg]", files)
    if isinstance(files, PathList):
        return files
    if isinstance(files, (str, bytes, os.PathLike)):
        return (files,)
    if isinstance(files, (bytearray, memoryview)):
        raise TypeError(f"{what} is a {type(files).__name__}: pass bytes(), or a PathList made from it")
    if hasattr(files, "__arrow_c_stream__") or hasattr(files, "__arrow_c_array__"):
        return PathList(files)
    if not isinstance(files, Iterable):
        raise TypeError(f"{what} is {files!r}, of type {type(files).__name__}: give a path or an iterable of paths")
    return list(files)


def expand(paths: Sequence[PathArg] | PathList) -> list[PathArg]:
    """Put the files below a directory in its place, in a fixed order; links to directories are not followed."""
    made: list[PathArg] = []
    for path in paths:
        # Anything that is no path is left for the packing to refuse, with its index.
        if isinstance(path, (str, bytes, os.PathLike)) and _is_directory(path):
            made.extend(_files_below(os.fsdecode(path)))
        else:
            made.append(path)
    return made


def _is_directory(path: PathArg) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:
        # A NUL or a lone surrogate: the packing says so.
        return False


def _is_used_by_name(entry: os.DirEntry[str]) -> bool:
    """Whether programs can hold it: also a pipe, a socket, a device; not a directory, nor a link that leads nowhere."""
    # Known from the directory itself, without asking for each file.
    if entry.is_file(follow_symlinks=False):
        return True
    try:
        return not stat.S_ISDIR(entry.stat().st_mode)
    except OSError as error:
        # What may not be looked at is not left out in silence: registering reports it.
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def _files_below(directory: str) -> Iterator[str]:
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except FileNotFoundError:
            # Removed since it was listed: nothing below it is in use by that name.
            continue
        yield from (entry.path for entry in entries if _is_used_by_name(entry))
        waiting.extend(entry.path for entry in reversed(entries) if entry.is_dir(follow_symlinks=False))
