# SPDX-License-Identifier: MIT
"""What callers may give as files, and what `directories` makes of directories."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
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
