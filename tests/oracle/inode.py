# SPDX-License-Identifier: MIT
"""Which file a name or a descriptor leads to: device, inode number, birth time."""

from __future__ import annotations

import ctypes
import os
from typing import NamedTuple

AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
# A server that does not answer is not waited for.
NO_WAIT = 0x4000 | 0x800  # AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT
STATX_INO_BTIME = 0x100 | 0x800

_libc = ctypes.CDLL(None, use_errno=True)
_BUFFER_SIZE = 256  # struct statx


class Inode(NamedTuple):
    major: int
    minor: int
    number: int
    born: tuple[int, int]

    @property
    def device(self) -> int:
        return self.major << 32 | self.minor


def _statx(fd: int, name: bytes, flags: int) -> Inode:
    # os.stat knows no birth time.
    buffer = ctypes.create_string_buffer(_BUFFER_SIZE)
    if _libc.statx(fd, name, flags | NO_WAIT, STATX_INO_BTIME, buffer) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    raw = buffer.raw

    def number(at: int, size: int) -> int:
        return int.from_bytes(raw[at : at + size], "little")

    return Inode(number(136, 4), number(140, 4), number(32, 8), (number(80, 8), number(88, 4)))


def of_path(path: str) -> Inode | None:
    """What that name leads to; None where there is nothing (any more)."""
    try:
        return _statx(AT_FDCWD, os.fsencode(path), 0)
    except OSError:
        return None


def of_descriptor(fd: int) -> Inode:
    return _statx(fd, b"", AT_EMPTY_PATH)
