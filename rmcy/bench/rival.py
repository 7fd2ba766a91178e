# SPDX-License-Identifier: MIT
"""The same calls through ctypes, as good as it gets in pure Python: what rmcy is held against."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterable, Sequence
from ctypes import addressof, c_uint, c_uint16, c_uint32, c_void_p
from itertools import accumulate, starmap
from struct import Struct
from typing import TypeAlias

__all__ = ["GoodCtypes", "Row"]

KEY_UNITS = 33
ERROR_MORE_DATA = 234

Row: TypeAlias = tuple[int, int, str, str, int, int, int, bool]
"""pid, start time, name, service, type, status, session, restartable."""


class GoodCtypes:
    """Reused buffers, plain addresses as arguments, one conversion for a whole list."""

    def __init__(self, library: ctypes.CDLL) -> None:
        # By index: each gets a function object of its own, whose argtypes are its own.
        self._join = self._function(library, "RmJoinSession", c_void_p, c_void_p)
        self._end = self._function(library, "RmEndSession", c_uint)
        self._list = self._function(library, "RmGetList", c_uint, *[c_void_p] * 4)
        self._register = self._function(library, "RmRegisterResources", c_uint, *[c_uint, c_void_p] * 3)
        self._handle = c_uint32()
        self._handle_at = addressof(self._handle)
        self._key = (c_uint16 * KEY_UNITS)()
        self._key_at = addressof(self._key)
        self._text = ctypes.create_string_buffer(1 << 16)
        self._text_at = addressof(self._text)
        self._process = Struct("=IQ")
        self._row = Struct("=IQ512s128siIIi")
        self._rows = ctypes.create_string_buffer(self._row.size * 16)
        self._counts = (c_uint32 * 3)()
        self._counts_at = addressof(self._counts)

    @staticmethod
    def _function(library: ctypes.CDLL, name: str, *argtypes: type) -> Callable[..., int]:
        function = library[name]
        function.argtypes = argtypes
        function.restype = c_uint32
        return function

    @staticmethod
    def _succeed(code: int) -> None:
        if code:
            raise OSError(code, "the Restart Manager says no")

    def join(self, key: str) -> int:
        """The handle."""
        ctypes.memmove(self._key_at, key.encode("utf-16-le"), 64)
        self._succeed(self._join(self._handle_at, self._key_at))
        return self._handle.value

    def end(self, handle: int) -> None:
        """Leave, or end, the session."""
        self._succeed(self._end(handle))

    def spelt(self, paths: Sequence[str]) -> tuple[str, bytes]:
        """All paths as one text, also moved to the reused buffer, with a terminator behind each."""
        text = "\0".join(paths) + "\0"
        spelt = text.encode("utf-16-le", "surrogatepass")
        if len(spelt) > len(self._text):
            self._text = ctypes.create_string_buffer(2 * len(spelt))
            self._text_at = addressof(self._text)
        ctypes.memmove(self._text_at, spelt, len(spelt))
        return text, spelt

    def register(self, handle: int, paths: Sequence[str]) -> None:
        """Register files."""
        text, spelt = self.spelt(paths)
        if len(spelt) == 2 * len(text):
            sizes = [2 * len(path) + 2 for path in paths]
        else:
            # Outside the basic plane a character has two units, and its length says nothing.
            sizes = [len(path.encode("utf-16-le", "surrogatepass")) + 2 for path in paths]
        pointers = array("Q", accumulate(sizes, initial=self._text_at))
        self.register_pointers(handle, len(paths), pointers.buffer_info()[0])

    def register_pointers(self, handle: int, count: int, pointers: int) -> None:
        """Register files whose names are where an array of pointers says, by its address."""
        self._succeed(self._register(handle, count, pointers, 0, None, 0, None))

    def register_processes(self, handle: int, processes: Iterable[tuple[int, int]]) -> None:
        """Register processes, each a pid and a start time."""
        packed = b"".join(starmap(self._process.pack, processes))
        self._succeed(self._register(handle, 0, None, len(packed) // self._process.size, packed, 0, None))

    def ask(self, handle: int) -> memoryview:
        """The rows of a list; they are valid until the next one."""
        needed, room, reasons = range(self._counts_at, self._counts_at + 12, 4)
        while True:
            self._counts[1] = len(self._rows) // self._row.size
            code = self._list(handle, needed, room, addressof(self._rows), reasons)
            if code != ERROR_MORE_DATA:
                break
            self._rows = ctypes.create_string_buffer(self._row.size * (self._counts[0] + 16))
        self._succeed(code)
        return memoryview(self._rows)[: self._counts[1] * self._row.size]

    def decode(self, rows: memoryview) -> list[Row]:
        """Python objects of rows."""
        return [
            (
                pid, start, name.decode("utf-16-le").partition("\0")[0],
                service.decode("utf-16-le").partition("\0")[0], kind, status, session, restartable != 0,
            )
            for pid, start, name, service, kind, status, session, restartable in self._row.iter_unpack(rows)
        ]  # fmt: skip

    def list(self, handle: int) -> list[Row]:
        """Ask, and decode."""
        return self.decode(self.ask(handle))
