# SPDX-License-Identifier: MIT
"""The same calls through ctypes: as good as it gets, with and without NumPy, and as people write it."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from ctypes import POINTER, addressof, byref, c_char_p, c_int32, c_size_t, c_uint, c_uint16, c_uint32, c_void_p
from itertools import accumulate, starmap
from struct import Struct
from typing import NamedTuple

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

HAS_NUMPY = numpy is not None
KEY_UNITS = 33
ERROR_MORE_DATA = 234


class UniqueProcess(ctypes.Structure):
    _fields_ = [("pid", c_uint32), ("start_low", c_uint32), ("start_high", c_uint32)]


class ProcessInfo(ctypes.Structure):
    _fields_ = [
        ("process", UniqueProcess),
        ("name", c_uint16 * 256),
        ("service", c_uint16 * 64),
        ("type", c_int32),
        ("status", c_uint32),
        ("session", c_uint32),
        ("restartable", c_int32),
    ]


class Row(NamedTuple):
    pid: int
    start_time: int
    name: str
    service: str
    type: int
    status: int
    session: int
    restartable: bool


def _succeed(code: int) -> None:
    if code:
        raise OSError(code, "the Restart Manager says no")


class GoodCtypes:
    """Reused buffers, plain addresses as arguments, one conversion for a whole list."""

    def __init__(self, library: ctypes.CDLL) -> None:
        # By index: each gets a function object of its own, whose argtypes are its own.
        self._join = self._function(library, "RmJoinSession", c_void_p, c_void_p)
        self._end = self._function(library, "RmEndSession", c_uint)
        self._list = self._function(library, "RmGetList", c_uint, *[c_void_p] * 4)
        resources = [c_uint, c_void_p] * 3
        self._register = self._function(library, "RmRegisterResources", c_uint, *resources)
        self._handle = c_uint32()
        self._handle_at = addressof(self._handle)
        self._key = (c_uint16 * KEY_UNITS)()
        self._key_at = addressof(self._key)
        self._text: ctypes.Array[ctypes.c_char] = ctypes.create_string_buffer(1 << 16)
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

    def join(self, key: str) -> int:
        ctypes.memmove(self._key_at, key.encode("utf-16-le"), 64)
        _succeed(self._join(self._handle_at, self._key_at))
        return self._handle.value

    def end(self, handle: int) -> None:
        _succeed(self._end(handle))

    def _spelt(self, paths: Sequence[str]) -> tuple[str, bytes]:
        """All paths as one text, also moved to the reused buffer, with a terminator behind each."""
        text = "\0".join(paths) + "\0"
        spelt = text.encode("utf-16-le", "surrogatepass")
        if len(spelt) > len(self._text):
            self._text = ctypes.create_string_buffer(2 * len(spelt))
            self._text_at = addressof(self._text)
        ctypes.memmove(self._text_at, spelt, len(spelt))
        return text, spelt

    def register(self, handle: int, paths: Sequence[str]) -> None:
        text, spelt = self._spelt(paths)
        if len(spelt) == 2 * len(text):
            sizes = [2 * len(path) + 2 for path in paths]
        else:
            # Outside the basic plane a character has two units, and its length says nothing.
            sizes = [len(path.encode("utf-16-le", "surrogatepass")) + 2 for path in paths]
        pointers = array("Q", accumulate(sizes, initial=self._text_at))
        _succeed(self._register(handle, len(paths), pointers.buffer_info()[0], 0, None, 0, None))

    def register_numpy(self, handle: int, paths: Sequence[str]) -> None:
        text, spelt = self._spelt(paths)
        pointers = numpy.empty(len(paths), numpy.uint64)
        pointers[0] = self._text_at
        if len(spelt) == 2 * len(text):
            sizes = numpy.fromiter(map(len, paths), numpy.uint64, len(paths))
            numpy.cumsum(2 * sizes[:-1] + 2, out=pointers[1:])
        else:
            ends = numpy.flatnonzero(numpy.frombuffer(spelt, numpy.uint16) == 0)
            pointers[1:] = 2 * ends[:-1] + 2
        pointers[1:] += pointers[0]
        _succeed(self._register(handle, len(paths), pointers.ctypes.data, 0, None, 0, None))

    def register_processes(self, handle: int, processes: Sequence[tuple[int, int]]) -> None:
        packed = b"".join(starmap(self._process.pack, processes))
        _succeed(self._register(handle, 0, None, len(processes), packed, 0, None))

    def list(self, handle: int) -> list[tuple[object, ...]]:
        needed, room, reasons = range(self._counts_at, self._counts_at + 12, 4)
        while True:
            self._counts[1] = len(self._rows) // self._row.size
            code = self._list(handle, needed, room, addressof(self._rows), reasons)
            if code != ERROR_MORE_DATA:
                break
            self._rows = ctypes.create_string_buffer(self._row.size * (self._counts[0] + 16))
        _succeed(code)
        given = memoryview(self._rows)[: self._counts[1] * self._row.size]
        return [
            (
                pid, start, name.decode("utf-16-le").partition("\0")[0],
                service.decode("utf-16-le").partition("\0")[0], kind, status, session, restartable != 0,
            )
            for pid, start, name, service, kind, status, session, restartable in self._row.iter_unpack(given)
        ]  # fmt: skip


class PlainCtypes:
    """As people write it: a buffer for each text, structures, byref."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._join = library["RmJoinSession"]
        self._join.argtypes = [POINTER(c_uint32), c_char_p]
        self._end = library["RmEndSession"]
        self._end.argtypes = [c_uint32]
        self._register = library["RmRegisterResources"]
        self._register.argtypes = [
            c_uint32, c_uint32, POINTER(c_char_p), c_uint32, POINTER(UniqueProcess), c_uint32, POINTER(c_char_p),
        ]  # fmt: skip
        self._list = library["RmGetList"]
        self._list.argtypes = [
            c_uint32, POINTER(c_uint32), POINTER(c_uint32), POINTER(ProcessInfo), POINTER(c_uint32),
        ]  # fmt: skip

    def join(self, key: str) -> int:
        handle = c_uint32()
        _succeed(self._join(byref(handle), ctypes.create_string_buffer(key.encode("utf-16-le") + b"\0\0").raw))
        return handle.value

    def end(self, handle: int) -> None:
        _succeed(self._end(handle))

    def register(self, handle: int, paths: Sequence[str]) -> None:
        texts = (c_char_p * len(paths))(*[path.encode("utf-16-le", "surrogatepass") + b"\0\0" for path in paths])
        _succeed(self._register(handle, len(paths), texts, 0, None, 0, None))

    def register_processes(self, handle: int, processes: Sequence[tuple[int, int]]) -> None:
        packed = (UniqueProcess * len(processes))(
            *[UniqueProcess(pid, start & 0xFFFFFFFF, start >> 32) for pid, start in processes]
        )
        _succeed(self._register(handle, 0, None, len(processes), packed, 0, None))

    def list(self, handle: int) -> list[Row]:
        needed, room, reasons = c_uint32(), c_uint32(), c_uint32()
        code = self._list(handle, byref(needed), byref(room), None, byref(reasons))
        rows = None
        while code == ERROR_MORE_DATA:
            rows = (ProcessInfo * needed.value)()
            room.value = needed.value
            code = self._list(handle, byref(needed), byref(room), rows, byref(reasons))
        _succeed(code)
        return [self._record(row) for row in (rows or [])[: room.value]]

    @staticmethod
    def _record(row: ProcessInfo) -> Row:
        return Row(
            pid=row.process.pid,
            start_time=row.process.start_high << 32 | row.process.start_low,
            name=bytes(row.name).decode("utf-16-le").partition("\0")[0],
            service=bytes(row.service).decode("utf-16-le").partition("\0")[0],
            type=row.type,
            status=row.status,
            session=row.session,
            restartable=bool(row.restartable),
        )


class Floor:
    """C alone, given texts that are ready: what nothing in Python can undercut by much."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._register = library["floor_register"]
        self._register.argtypes = [c_uint, c_void_p, c_void_p, c_uint, c_void_p, c_void_p]
        self._decode = library["floor_decode"]
        self._decode.argtypes = [c_uint]
        self._decode.restype = ctypes.c_uint64

    def prepare(self, handle: int, paths: Sequence[str]) -> Callable[[], None]:
        texts = [path.encode("latin-1") for path in paths]
        count = len(texts)
        pointers = (c_char_p * count)(*texts)
        lengths = (c_size_t * count)(*map(len, texts))
        room = ctypes.create_string_buffer(2 * sum(map(len, texts)) + 2 * count)
        ready = (c_void_p * count)()
        arguments = (handle, addressof(pointers), addressof(lengths), count, addressof(room), addressof(ready))
        kept = (texts, pointers, lengths, room, ready)

        def register() -> None:
            # What the addresses point to lives as long as this function.
            assert kept
            _succeed(self._register(*arguments))

        return register

    def decode(self, handle: int) -> int:
        return int(self._decode(handle))
