# SPDX-License-Identifier: MIT
"""What a registration is given, made ready for the handle."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rmcy._handle import REFUSE_DIRECTORIES, SKIP_DIRECTORIES
from rmcy._lists import PathList, ProcessList
from rmcy.directories import expand
from rmcy.paths import ArrowArray, ArrowStream, Directories, PathArg, path_list
from rmcy.programs import ProcessArg, process_list, service_list
from rmcy.seconds import LIST_TIMEOUT, seconds

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__: list[str] = []

_DIRECTORY_FLAGS = {
    "refuse": REFUSE_DIRECTORIES,
    "skip": SKIP_DIRECTORIES,
    "expand": REFUSE_DIRECTORIES,
    "accept": 0,
}


def ready(
    files: PathArg | Iterable[PathArg] | ArrowArray | ArrowStream,
    processes: ProcessArg | Iterable[ProcessArg] | Buffer,
    services: str | Iterable[str],
    directories: Directories,
    timeout: float | None,
) -> tuple[Sequence[PathArg] | PathList, Sequence[object] | ProcessList, Sequence[str], int, float]:
    """Lists, flags and the seconds that are left, for `Handle.register`."""
    flags = directory_flags(directories)
    left = seconds(timeout, LIST_TIMEOUT)
    paths = path_list(files)
    if directories == "expand":
        end = time.monotonic() + left
        paths = expand(paths, left)
        left = max(0.0, end - time.monotonic())
    return paths, process_list(processes), service_list(services), flags, left


def directory_flags(directories: Directories) -> int:
    """The flag that says what becomes of directories; ValueError for another word."""
    if not isinstance(directories, str) or directories not in _DIRECTORY_FLAGS:
        raise ValueError(f'directories is {directories!r}: use "refuse", "skip", "expand" or "accept"')
    return _DIRECTORY_FLAGS[directories]
