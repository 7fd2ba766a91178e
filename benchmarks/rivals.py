# SPDX-License-Identifier: MIT
"""Who else makes the same calls: ctypes with and without NumPy and as people write it, cffi; and C, which is the floor.

ctypes as good as it gets without NumPy is `rmcy.bench.rival`. PyPI's `restartmgr` calls another library: see
by_restartmgr.py.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import POINTER, addressof, byref, c_char_p, c_int32, c_size_t, c_uint, c_uint16, c_uint32, c_void_p
from typing import Any, NamedTuple, Protocol

import by_restartmgr
from by_cffi import Cffi, cffi

from rmcy.bench import Absent
from rmcy.bench.rival import ERROR_MORE_DATA, GoodCtypes

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

HAS_NUMPY = numpy is not None
BY_NUMPY, BY_CFFI = "ctypes, good, with NumPy", "cffi, ABI mode"

NO_CFFI = () if cffi else (Absent(BY_CFFI, "cffi is not installed"),)
ABSENT = (*by_restartmgr.ABSENT, *NO_CFFI)
ABSENT_FROM_JOINING = (by_restartmgr.NO_JOIN, *NO_CFFI)
ABSENT_FROM_ENGINE = (by_restartmgr.NO_ENGINE, *NO_CFFI)


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


class Rival(Protocol):
    """A way to call the library from Python."""

    def join(self, key: str) -> int: ...
    def end(self, handle: int) -> None: ...
    def register(self, handle: int, paths: Sequence[str]) -> None: ...
    def register_processes(self, handle: int, processes: Sequence[tuple[int, int]]) -> None: ...
    def list(self, handle: int) -> Sequence[Sequence[object]]:
        """Ask, and decode."""
        ...

    def ask(self, handle: int) -> Any:
        """Rows as they came, for `decode`."""
        ...

    def decode(self, rows: Any) -> Sequence[Sequence[object]]: ...


def rivals(library: ctypes.CDLL) -> dict[str, Rival]:
    """All that can take part here."""
    made: dict[str, Rival] = {"ctypes, good": GoodCtypes(library), "ctypes, as people write it": PlainCtypes(library)}
    if cffi:
        made[BY_CFFI] = Cffi()
    return made


def _succeed(code: int) -> None:
    if code:
        raise OSError(code, "the Restart Manager says no")


class NumpyCtypes(GoodCtypes):
    """The same, with NumPy for the pointers."""

    def register(self, handle: int, paths: Sequence[str]) -> None:
        text, spelt = self.spelt(paths)
        pointers = numpy.empty(len(paths), numpy.uint64)
        pointers[0] = self._text_at
        if len(spelt) == 2 * len(text):
            sizes = numpy.fromiter(map(len, paths), numpy.uint64, len(paths))
            numpy.cumsum(2 * sizes[:-1] + 2, out=pointers[1:])
        else:
            ends = numpy.flatnonzero(numpy.frombuffer(spelt, numpy.uint16) == 0)
            pointers[1:] = 2 * ends[:-1] + 2
        pointers[1:] += pointers[0]
        self.register_pointers(handle, len(paths), pointers.ctypes.data)


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

    def ask(self, handle: int) -> Sequence[ProcessInfo]:
        needed, room, reasons = c_uint32(), c_uint32(), c_uint32()
        code = self._list(handle, byref(needed), byref(room), None, byref(reasons))
        rows = None
        while code == ERROR_MORE_DATA:
            rows = (ProcessInfo * needed.value)()
            room.value = needed.value
            code = self._list(handle, byref(needed), byref(room), rows, byref(reasons))
        _succeed(code)
        return (rows or [])[: room.value]

    def decode(self, rows: Sequence[ProcessInfo]) -> list[Row]:
        return [self._record(row) for row in rows]

    def list(self, handle: int) -> list[Row]:
        return self.decode(self.ask(handle))

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
        self._join = library["floor_join"]
        self._join.argtypes = [c_char_p, c_uint]
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

    def prepare_join(self, keys: Sequence[str]) -> Callable[[], None]:
        packed = b"".join(key.encode("ascii") for key in keys)

        def join() -> None:
            _succeed(self._join(packed, len(keys)))

        return join

    def decode(self, handle: int) -> int:
        return int(self._decode(handle))
