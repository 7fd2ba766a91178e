# SPDX-License-Identifier: MIT
"""The same calls through cffi, in the mode that needs no compiler: reused buffers, one conversion for a whole list."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, starmap
from struct import Struct

from rmcy.bench.rival import ERROR_MORE_DATA, KEY_UNITS, Row

try:
    import cffi
except ImportError:
    cffi = None

DECLARED = """
typedef struct {
    uint32_t pid, start_low, start_high;
    char16_t name[256];
    char16_t service[64];
    int32_t type;
    uint32_t status, session;
    int32_t restartable;
} info;
uint32_t RmJoinSession(uint32_t *, const uint16_t *);
uint32_t RmEndSession(uint32_t);
uint32_t RmRegisterResources(uint32_t, uint32_t, void *, uint32_t, void *, uint32_t, void *);
uint32_t RmGetList(uint32_t, uint32_t *, uint32_t *, info *, uint32_t *);
"""


class Cffi:
    """It finds the library among those that are loaded for all."""

    def __init__(self) -> None:
        self._ffi = ffi = cffi.FFI()
        ffi.cdef(DECLARED)
        self._library = ffi.dlopen(None)
        self._handle = ffi.new("uint32_t *")
        self._key = ffi.new("uint16_t[]", KEY_UNITS)
        self._counts = ffi.new("uint32_t[3]")
        self._rows = ffi.new("info[]", 16)
        self._process = Struct("=IQ")

    @staticmethod
    def _succeed(code: int) -> None:
        if code:
            raise OSError(code, "the Restart Manager says no")

    def join(self, key: str) -> int:
        self._ffi.memmove(self._key, key.encode("utf-16-le"), 64)
        self._succeed(self._library.RmJoinSession(self._handle, self._key))
        return int(self._handle[0])

    def end(self, handle: int) -> None:
        self._succeed(self._library.RmEndSession(handle))

    def register(self, handle: int, paths: Sequence[str]) -> None:
        text = "\0".join(paths) + "\0"
        spelt = text.encode("utf-16-le", "surrogatepass")
        if len(spelt) == 2 * len(text):
            sizes = [2 * len(path) + 2 for path in paths]
        else:
            sizes = [len(path.encode("utf-16-le", "surrogatepass")) + 2 for path in paths]
        begin = int(self._ffi.cast("uintptr_t", self._ffi.from_buffer(spelt)))
        pointers = self._ffi.from_buffer(array("Q", accumulate(sizes, initial=begin)))
        self._succeed(
            self._library.RmRegisterResources(handle, len(paths), pointers, 0, self._ffi.NULL, 0, self._ffi.NULL)
        )

    def register_processes(self, handle: int, processes: Sequence[tuple[int, int]]) -> None:
        packed = self._ffi.from_buffer(b"".join(starmap(self._process.pack, processes)))
        null = self._ffi.NULL
        self._succeed(self._library.RmRegisterResources(handle, 0, null, len(processes), packed, 0, null))

    def ask(self, handle: int) -> cffi.FFI.CData:
        """The rows of a list; they are valid until the next one."""
        counts = self._counts
        while True:
            counts[1] = len(self._rows)
            code = self._library.RmGetList(handle, counts, counts + 1, self._rows, counts + 2)
            if code != ERROR_MORE_DATA:
                break
            self._rows = self._ffi.new("info[]", counts[0] + 16)
        self._succeed(code)
        return self._rows[0 : counts[1]]

    def decode(self, rows: cffi.FFI.CData) -> list[Row]:
        text = self._ffi.string
        return [
            (
                row.pid, row.start_high << 32 | row.start_low, text(row.name), text(row.service),
                row.type, row.status, row.session, row.restartable != 0,
            )
            for row in rows
        ]  # fmt: skip

    def list(self, handle: int) -> list[Row]:
        return self.decode(self.ask(handle))
