# SPDX-License-Identifier: MIT
"""What Windows does not have or does not take, and how much fits into it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
from rmcy import Filter, FilterAction, UniqueProcess

from fix_program import Program

pytestmark = pytest.mark.windows("it is about Windows' own Restart Manager")

ABSENT: dict[str, Callable[[rmcy.PrimarySession], object]] = {
    "sessions": lambda session: rmcy.sessions(),
    "recover": lambda session: rmcy.recover(),
    "add_critical": lambda session: session.add_critical("x"),
}


@pytest.mark.parametrize("call", ABSENT)
def test_what_windows_does_not_have_says_so(session: rmcy.PrimarySession, call: str) -> None:
    with pytest.raises(rmcy.UnsupportedPlatformError, match="Windows") as caught:
        ABSENT[call](session)
    assert (caught.value.code, isinstance(caught.value, NotImplementedError)) == (120, True)


@pytest.mark.parametrize("name", ["app_timeout", "service_timeout"])
def test_time_outs_of_its_own_are_refused_before_anything_is_stopped(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], name: str
) -> None:
    path, holder = held_file
    session.register(path)
    with pytest.raises(rmcy.UnsupportedPlatformError, match="Leave app_timeout and service_timeout out"):
        session.shutdown(**{name: 5.0})  # type: ignore[arg-type]
    assert [app.process.pid for app in session.affected()] == [holder.pid]
    assert rmcy.AppStatus.RUNNING in session.affected()[0].status


def test_start_times_are_those_of_the_system(held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    times = (ctypes.c_uint64 * 4)()
    handle = ctypes.c_void_p(int(holder.process._handle))  # type: ignore[attr-defined]
    assert kernel.GetProcessTimes(handle, *(ctypes.byref(times, 8 * n) for n in range(4)))
    process = UniqueProcess(holder.pid, times[0])
    assert UniqueProcess.from_pid(holder.pid) == process
    assert [app.process for app in rmcy.who(path)] == [process]


class FilterInfo(ctypes.Structure):
    """RM_FILTER_INFO, as the header has it; the union is a pointer, or twelve bytes."""

    _fields_ = (
        ("action", ctypes.c_int),
        ("trigger", ctypes.c_int),
        ("next", ctypes.c_uint32),
        ("name", ctypes.c_wchar_p),
        ("rest", ctypes.c_uint64),
    )


def test_the_list_of_filters_is_read_as_windows_lays_it_out(session: rmcy.PrimarySession) -> None:
    assert ctypes.sizeof(FilterInfo) == 32
    names = [rf"C:\{'x' * n}.exe" for n in (1, 2, 3, 8, 200)]
    for name in names:
        session.add_filter("no_restart", module=name)
    library = ctypes.WinDLL("rstrtmgr")  # type: ignore[attr-defined]
    needed = ctypes.c_uint32()
    assert library.RmGetFilterList(session.handle, None, 0, ctypes.byref(needed)) == 234
    buffer = (ctypes.c_uint64 * (needed.value // 8 + 1))()
    assert library.RmGetFilterList(session.handle, buffer, needed, ctypes.byref(needed)) == 0
    told, at = [], 0
    while True:
        info = FilterInfo.from_buffer(buffer, at)
        told.append(info.name)
        if not info.next:
            break
        at += info.next
    assert told == names
    assert session.filters() == tuple(Filter(action=FilterAction.NO_RESTART, module=name) for name in names)


def test_64_sessions_are_all_that_there_are() -> None:
    sessions: list[rmcy.PrimarySession] = []
    try:
        sessions.extend(rmcy.start() for _ in range(64))
        with pytest.raises(rmcy.SessionLimitError, match="a user has 64") as caught:
            rmcy.start()
        assert (caught.value.code, caught.value.owners) == (353, ())
        # A join takes none.
        rmcy.join(sessions[0].key).close()
        sessions.pop().close()
        sessions.append(rmcy.start())
    finally:
        for session in sessions:
            session.close()


def test_every_handle_is_good() -> None:
    """Also 0, which Windows may give: what a session is asked does not depend on its number."""
    sessions = [rmcy.start() for _ in range(20)]
    assert len({session.handle for session in sessions}) == 20
    for session in sessions:
        assert len(session.affected()) == 0
        session.close()
        with pytest.raises(rmcy.SessionClosedError):
            session.affected()


def test_what_does_not_fit_is_an_error_and_the_rest_is_there(
    session: rmcy.PrimarySession, joined: rmcy.JoinedSession, tmp_path: Path
) -> None:
    """A thousand names at a time, and when they do not fit, fewer: what fitted stays."""
    first = tmp_path / "first"
    names = [f"{tmp_path}\\{n:04}\\{os.urandom(15_000).hex()}" for n in range(2_500)]
    with pytest.raises(rmcy.StoreError, match="has no room left for so many names") as caught:
        joined.register([first, *names])
    assert (caught.value.code, caught.value.function) == (29, "RmRegisterResources")
    with first.open("w"):
        assert [app.process.pid for app in session.affected()] == [os.getpid()]


@pytest.mark.parametrize("count", [999, 1_000, 1_001, 2_000])
def test_no_name_is_lost_between_two_batches(session: rmcy.PrimarySession, tmp_path: Path, count: int) -> None:
    paths = [tmp_path / f"{n:04}" for n in range(count)]
    assert session.register(paths).missing == tuple(map(str, paths))
    for path in {paths[998], paths[-1]}:
        with path.open("w"):
            assert [app.process.pid for app in session.affected()] == [os.getpid()]


def test_a_registration_for_a_restart_takes_arguments_only() -> None:
    registration = rmcy.register_application_restart(["--again", "a b"])
    assert registration.arguments == ("--again", "a b")
    registration.unregister()
    for more in ({"directory": "C:\\"}, {"environment": {"A": "b"}}):
        with pytest.raises(rmcy.UnsupportedPlatformError, match="Leave directory and environment out"):
            rmcy.register_application_restart(["x"], **more)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"1,?024"):
        rmcy.register_application_restart(["x" * 1_025])
