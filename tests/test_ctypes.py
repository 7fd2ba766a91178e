# SPDX-License-Identifier: MIT
"""One library: a session started in rmcy is usable through the same library by ctypes, and the other way about."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

import rmcy

from fix_process import ON_WINDOWS


@pytest.fixture
def library() -> ctypes.CDLL:
    path = rmcy.backend_info().library
    assert (path is None) == ON_WINDOWS
    library = ctypes.CDLL("rstrtmgr" if path is None else str(path))
    library.RmRegisterResources.argtypes = [
        ctypes.c_uint32,
        ctypes.c_uint,
        ctypes.POINTER(ctypes.c_void_p),
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_uint,
        ctypes.c_void_p,
    ]
    for name in ("RmStartSession", "RmJoinSession", "RmEndSession", "RmRegisterResources"):
        getattr(library, name).restype = ctypes.c_uint32
    return library


def register(library: ctypes.CDLL, handle: int, paths: Iterable[Path]) -> int:
    texts = [ctypes.create_string_buffer(str(path).encode("utf-16-le") + b"\0\0") for path in paths]
    pointers = (ctypes.c_void_p * len(texts))(*map(ctypes.addressof, texts))
    return int(library.RmRegisterResources(handle, len(texts), pointers, 0, None, 0, None))


def test_ctypes_registers_on_a_handle_of_rmcy(
    library: ctypes.CDLL, session: rmcy.PrimarySession, joined: rmcy.JoinedSession, tmp_path: Path
) -> None:
    assert register(library, session.handle, [tmp_path / "a"]) == 0
    assert register(library, joined.handle, [tmp_path / "b", tmp_path / "c"]) == 0
    for name in "abc":
        with (tmp_path / name).open("w"):
            assert [app.process.pid for app in session.affected()] == [os.getpid()]


def test_rmcy_joins_a_session_of_ctypes(library: ctypes.CDLL, tmp_path: Path) -> None:
    handle = ctypes.c_uint32()
    key = (ctypes.c_uint16 * 33)()
    assert library.RmStartSession(ctypes.byref(handle), 0, key) == 0
    try:
        with rmcy.join("".join(map(chr, key[:32]))) as joined:
            assert joined.register(tmp_path / "a").files == 1
            assert joined.handle != handle.value
    finally:
        assert library.RmEndSession(handle) == 0


def test_a_handle_ended_by_ctypes_is_an_error_not_a_crash(library: ctypes.CDLL, tmp_path: Path) -> None:
    session = rmcy.start()
    assert library.RmEndSession(session.handle) == 0
    with pytest.raises(rmcy.InvalidSessionError):
        session.register(tmp_path / "a")
    # What is gone need not be ended again.
    session.close()
    assert session.closed
