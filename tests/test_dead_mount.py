# SPDX-License-Identifier: MIT
"""A file system whose server does not answer, as a program meets it. (tests/engine/test_dead.c has the processes.)"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

import rmcy
import rmcy.bulk

from fix_program import Program

pytestmark = pytest.mark.linux("a dead mount is made with FUSE")


@pytest.fixture
def dead(root: None, tmp_path: Path) -> Iterator[Path]:
    """A file on a FUSE file system whose server, which would be this test, reads no request."""
    where = tmp_path / "dead"
    where.mkdir()
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"needs FUSE: {error}")
    options = f"fd={server},rootmode=40000,user_id=0,group_id=0"
    subprocess.run(["mount", "-i", "-t", "fuse", "-o", options, "dead", where], pass_fds=[server], check=True)
    try:
        yield where / "file"
    finally:
        # Without its server the file system answers at once: that it is gone.
        os.close(server)
        subprocess.run(["umount", "-l", where], check=True)


@pytest.fixture
def session() -> Iterator[rmcy.PrimarySession]:
    with rmcy.start() as started:
        yield started


def test_registering_names_the_file_that_does_not_answer(  # ours
    session: rmcy.PrimarySession, dead: Path, held_file: tuple[Path, Program]
) -> None:
    path, holder = held_file
    with pytest.raises(rmcy.SessionTimeoutError) as caught:
        session.register([path, dead], timeout=0.2)
    assert caught.value.code == 121
    assert caught.value.filename == str(dead)
    assert "files[1]" in str(caught.value)
    assert not session.affected()
    session.register(path)
    assert [app.process.pid for app in session.affected()] == [holder.pid]


def test_a_joined_session_keeps_its_timeout_too(session: rmcy.PrimarySession, dead: Path) -> None:
    with rmcy.join(session.key) as joined:
        with pytest.raises(rmcy.SessionTimeoutError):
            joined.register(dead, timeout=0.2)
        assert joined.register("/bin/sh").files == 1


def test_who_keeps_its_timeout(dead: Path) -> None:
    with pytest.raises(TimeoutError):
        rmcy.who("/bin/sh", dead, timeout=0.2)


def test_expanding_a_directory_that_does_not_answer(session: rmcy.PrimarySession, dead: Path, tmp_path: Path) -> None:
    for given in (dead.parent, tmp_path, [b"/bin/sh", dead.parent]):
        with pytest.raises(rmcy.SessionTimeoutError) as caught:
            session.register(given, directories="expand", timeout=0.2)
        assert caught.value.filename == str(dead.parent)
    with pytest.raises(rmcy.SessionTimeoutError):
        rmcy.bulk.register([(session, dead.parent)], directories="expand", timeout=0.2)
    assert session.register(tmp_path / "nothing").missing == (str(tmp_path / "nothing"),)


def test_a_signal_ends_waiting_for_a_dead_mount(session: rmcy.PrimarySession, dead: Path) -> None:
    class EndedError(Exception):
        pass

    def end(number: int, frame: FrameType | None) -> None:
        raise EndedError

    before = signal.signal(signal.SIGALRM, end)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(EndedError):
            session.register(dead, timeout=3600)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_file_that_was_missing_before_its_mount_died(
    session: rmcy.PrimarySession, dead: Path, held_file: tuple[Path, Program], run_program: Callable[..., Program]
) -> None:
    path, holder = held_file
    below = dead.parent / ".." / "later" / "file"
    later = dead.parent.parent / "later"
    assert session.register([path, below]).missing == (os.fspath(below),)
    later.symlink_to(dead.parent)
    affected = session.affected()
    assert [app.process.pid for app in affected] == [holder.pid]
    assert rmcy.SkipCause.FILE in {skipped.cause for skipped in affected.skipped}
