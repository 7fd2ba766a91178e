# SPDX-License-Identifier: MIT
"""`rmcy register` and `rmcy sessions`: real sessions, joined by other processes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import rmcy as package
from rmcy import PrimarySession

from fix_cli import RMCY, Hold, cli_env, rmcy

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")

KEY = "RMCY_SESSION_KEY"


@pytest.fixture
def session() -> Iterator[PrimarySession]:
    with package.start(label="a test's\nsession") as session:
        yield session


def pids(session: PrimarySession) -> set[int]:
    return {app.process.pid for app in session.affected()}


def test_key_from_the_environment(session: PrimarySession, file: Path, hold: Hold) -> None:
    holder = hold(file)
    done = rmcy("register", file, **{KEY: str(session.key)})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"Registered 1 file.\n", b"")
    assert pids(session) == {holder.pid}


def test_key_from_a_file(session: PrimarySession, file: Path, hold: Hold, tmp_path: Path) -> None:
    holder = hold(file)
    key = tmp_path / "key"
    key.write_text(f"{session.key!s}\n")
    done = rmcy("register", file, "--key-file", key)
    assert done.returncode == 0, done
    assert pids(session) == {holder.pid}


def test_key_from_a_descriptor(session: PrimarySession, file: Path, hold: Hold) -> None:
    holder = hold(file)
    reader, writer = os.pipe()
    os.write(writer, str(session.key).encode())
    os.close(writer)
    command = [*RMCY, "register", file, "--key-fd", str(reader)]
    done = subprocess.run(command, check=False, capture_output=True, pass_fds=[reader], env=cli_env())
    os.close(reader)
    assert done.returncode == 0, done
    assert pids(session) == {holder.pid}


@pytest.mark.linux("Windows has no pipes in a directory")
def test_key_that_comes_in_parts(session: PrimarySession, file: Path, tmp_path: Path) -> None:
    import fcntl
    import termios

    fifo = tmp_path / "key"
    os.mkfifo(fifo)
    with subprocess.Popen([*RMCY, "register", file, "--key-file", fifo], env=cli_env()) as child:
        # Opening returns when rmcy has opened it too; what it has read is gone from the pipe.
        with open(fifo, "wb", buffering=0) as pipe:
            pipe.write(str(session.key)[:10].encode())
            while fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)) != bytes(4):
                os.sched_yield()
            pipe.write(str(session.key)[10:].encode())
        assert child.wait() == 0


def test_descriptor_that_cannot_be_one_is_wrong_usage(file: Path) -> None:
    done = rmcy("register", file, "--key-fd", str(2**40))
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_list_from_standard_input(session: PrimarySession, tmp_path: Path, hold: Hold) -> None:
    names = [tmp_path / "one", tmp_path / "new\nline"]
    for name in names:
        name.touch()
    holder = hold(names[1])
    listed = b"\0".join(map(bytes, [tmp_path, *names]))
    done = rmcy("register", "-0", stdin=listed, **{KEY: str(session.key)})
    assert (done.returncode, done.stdout) == (0, b"Registered 2 files.\n")
    assert b"1 directory" in done.stderr
    assert pids(session) == {holder.pid}


def test_missing_file_is_registered_and_noted(session: PrimarySession, tmp_path: Path, hold: Hold) -> None:
    late = tmp_path / "late"
    done = rmcy("register", late, **{KEY: str(session.key)})
    assert done.returncode == 0
    assert str(late).encode() in done.stderr
    late.touch()
    holder = hold(late)
    assert pids(session) == {holder.pid}


def test_directory_is_refused_and_nothing_registered(session: PrimarySession, file: Path, hold: Hold) -> None:
    hold(file)
    done = rmcy("register", file, file.parent, **{KEY: str(session.key)})
    assert (done.returncode, done.stdout) == (2, b"")
    assert str(file.parent).encode() in done.stderr
    assert pids(session) == set()


def test_ended_session_is_2(file: Path) -> None:
    with package.start() as ended:
        key = str(ended.key)
    done = rmcy("register", file, "--if-session", **{KEY: key})
    assert (done.returncode, done.stdout) == (2, b"")
    assert key.encode() not in done.stderr


@pytest.mark.parametrize("key", ["", "short", "g" * 32, "0" * 33])
def test_key_file_without_a_key_is_2(key: str, file: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key)
    done = rmcy("register", file, "--key-file", tmp_path / "key")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("args", [["--key-file", "no-such-file"], ["--key-fd", "99"]], ids=" ".join)
def test_key_that_cannot_be_read_is_2(args: list[str], file: Path) -> None:
    done = rmcy("register", file, *args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
    assert b"no-such-file" in done.stderr or b"descriptor" in done.stderr
    assert b"Errno 2" not in done.stderr


def test_two_sources_of_the_key_are_refused(file: Path) -> None:
    assert rmcy("register", file, "--key-file", "x", "--key-fd", "0").returncode == 2


def test_without_a_session_it_is_2_unless_said_otherwise(file: Path) -> None:
    done = rmcy("register", file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert KEY.encode() in done.stderr
    assert b"--key-file" in done.stderr
    assert b"session.key" not in done.stderr  # which a shell has no use for
    done = rmcy("register", file, "--if-session")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_key_is_no_argument(session: PrimarySession, file: Path) -> None:
    assert rmcy("register", file, "--key", str(session.key)).returncode == 2


def test_sessions_shows_this_one(session: PrimarySession, file: Path) -> None:
    rmcy("register", file, **{KEY: str(session.key)})
    done = rmcy("sessions", COLUMNS="80")
    assert done.returncode == 0, done
    (row,) = [line for line in done.stdout.decode().splitlines() if f" {os.getpid()} " in line]
    assert r"$'a test\'s\nsession'" in row
    assert str(session.key).encode() not in done.stdout


def test_sessions_as_json(session: PrimarySession, file: Path) -> None:
    rmcy("register", file, **{KEY: str(session.key)})
    done = rmcy("sessions", "--json")
    data = json.loads(done.stdout)
    assert data["schema"] == "rmcy.sessions/1"
    (mine,) = [info for info in data["sessions"] if info["owner"]["pid"] == os.getpid()]
    assert (mine["state"], mine["secondaries"], mine["label"]) == ("live", 1, "a test's\nsession")
    assert datetime.fromisoformat(mine["started"]).tzinfo is not None
    assert str(session.key) not in done.stdout.decode()
