# SPDX-License-Identifier: MIT
"""PyPI's `restartmgr`, as it is: a client for Windows, in ctypes, that nobody here wrote.

What of Windows it looks for in ctypes is there while it is imported. Its texts are of wchar_t, which has four bytes
here: so it calls a stand-in of that width (wide.c), and moves twice the bytes that others move.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.util import find_spec
from unittest.mock import patch

from stand_in import Library

from rmcy.bench import Absent, Way, Work

NAME = "restartmgr"
BY_RESTARTMGR = "restartmgr, twice the bytes"

if sys.version_info < (3, 12):
    CANNOT = "it needs Python 3.12"
elif find_spec("restartmgr") is None:
    CANNOT = "it is not installed"
else:
    CANNOT = None

ABSENT = (Absent(NAME, CANNOT),) if CANNOT else ()
NO_JOIN = Absent(NAME, "it has no RmJoinSession")
NO_ENGINE = Absent(NAME, "its texts have four bytes a unit here, and the engine's two")

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class Restartmgr:
    """The client and its library; there is one of each in a process."""

    def __init__(self) -> None:
        self.library = wide = Library("wide.c")

        class WinDLL(ctypes.CDLL):
            """Whatever is asked for by name, it is that one."""

            def __init__(self, name: str) -> None:
                super().__init__(name, handle=wide.library._handle)

        # c_ulong has four bytes on Windows.
        of_windows = {"WinDLL": WinDLL, "WINFUNCTYPE": ctypes.CFUNCTYPE, "c_ulong": ctypes.c_uint32}
        with patch.multiple(ctypes, create=True, **of_windows):
            import restartmgr
            from restartmgr import _dll, api

            # It does so at its first session, and names types there.
            _dll.load_dll()
        self.session = restartmgr.RmSession
        self.who_locks = restartmgr.who_locks
        self.decode = api._convert_process_info


@cache
def restartmgr() -> Restartmgr:
    return Restartmgr()


class Registrar:
    """Registers paths, in a session of its own for each sample."""

    name = BY_RESTARTMGR

    def __init__(self, paths: list[str]) -> None:
        self._paths = paths

    def open(self) -> Work:
        self._session = restartmgr().session()
        self._session.start()
        return partial(self._session.register_files, self._paths)

    def close(self) -> None:
        self._session.end()

    def check(self) -> str | None:
        library = restartmgr().library
        work = self.open()
        with library.watched():
            work()
        self.close()
        seen = "".join(f"{path}\0" for path in self._paths).encode("utf-32-le", "surrogatepass")
        return None if library.seen() == seen else "the library was given something else"


def registrars(paths: list[str]) -> list[Registrar]:
    """That one, or nobody."""
    return [] if CANNOT else [Registrar(paths)]


def _judged(apps: Iterable[object], expected: Sequence[tuple[int, int, str, str]]) -> str | None:
    found = [(app.pid, app.start_time, app.app_name, app.service_short_name or "") for app in apps]
    # Its times are of whole microseconds.
    wanted = [(pid, EPOCH + timedelta(microseconds=start // 10), *texts) for pid, start, *texts in expected]
    return None if found == wanted else "other programs than the library named"


def listers(expected: Sequence[tuple[int, int, str, str]]) -> list[Way]:
    """Asks, and decodes; to be asked it must be given a path, which is registered."""
    if CANNOT:
        return []
    client = restartmgr()
    client.library.answer(len(expected))
    ask = partial(client.who_locks, "/a file")
    return [Way(BY_RESTARTMGR, lambda: ask, lambda: _judged(ask(), expected))]


def decoders(expected: Sequence[tuple[int, int, str, str]]) -> list[Way]:
    """Decodes what was asked for before."""
    if CANNOT:
        return []
    client = restartmgr()
    client.library.answer(len(expected))

    def decode() -> Work:
        with client.session() as session:
            rows, _ = session.get_list()
        return lambda: [client.decode(row) for row in rows]

    return [Way(BY_RESTARTMGR, decode, lambda: _judged(decode()(), expected))]
