# SPDX-License-Identifier: MIT
"""The files below directories, for ``directories="expand"``."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from threading import Thread

from rmcy._lists import PathList
from rmcy.errors import SessionTimeoutError
from rmcy.paths import PathArg


def expand(paths: Sequence[PathArg] | PathList, seconds: float) -> list[PathArg]:
    """Put the files below a directory in its place, in a fixed order; links to directories are not followed.

    Raises SessionTimeoutError, naming the path, for one that does not answer in time.
    """
    walk = _Walk(paths)
    # A look at a file system whose server is gone never ends: then the thread that looks is left behind.
    thread = Thread(target=walk.run, name="rmcy-expand", daemon=True)
    thread.start()
    thread.join(min(seconds, 4e6))
    if thread.is_alive():
        raise SessionTimeoutError(
            121,
            "RmRegisterResources",
            f"nothing was registered: {walk.at!r} did not answer in {seconds:g} seconds",
            advice="Is the server of its file system gone? Leave it out, or give more time.",
            filename=walk.at,
        )
    if walk.error is not None:
        raise walk.error
    return walk.made


class _Walk:
    """What the thread is at, and what came of it."""

    def __init__(self, paths: Sequence[PathArg] | PathList) -> None:
        self.paths = paths
        self.at = ""
        self.made: list[PathArg] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for path in self.paths:
                # Anything that is no path is left for the packing to refuse, with its index.
                if isinstance(path, (str, bytes, os.PathLike)) and self.is_directory(path):
                    self.made.extend(self.files_below(os.fsdecode(path)))
                else:
                    self.made.append(path)
        except BaseException as error:
            self.error = error

    def is_directory(self, path: PathArg) -> bool:
        try:
            self.at = os.fsdecode(path)
            return os.path.isdir(path)
        except ValueError:
            # A NUL, a lone surrogate, bytes that are no name: the packing says so.
            return False

    def files_below(self, directory: str) -> Iterator[str]:
        waiting = [directory]
        while waiting:
            here = self.at = waiting.pop()
            try:
                with os.scandir(here) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except FileNotFoundError:
                # Removed since it was listed: nothing below it is in use by that name.
                continue
            yield from (entry.path for entry in entries if _is_used_by_name(entry))
            waiting.extend(entry.path for entry in reversed(entries) if entry.is_dir(follow_symlinks=False))


def _is_used_by_name(entry: os.DirEntry[str]) -> bool:
    """Whether programs can hold it: also a pipe, a socket, a device; not a directory, nor a link that leads nowhere."""
    # Known from the directory itself, without asking for each file.
    if entry.is_file(follow_symlinks=False):
        return True
    if entry.is_dir(follow_symlinks=False):
        return False
    try:
        return not stat.S_ISDIR(entry.stat().st_mode)
    except OSError as error:
        # What may not be looked at is not left out in silence: registering reports it.
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
