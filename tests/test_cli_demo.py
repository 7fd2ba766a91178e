# SPDX-License-Identifier: MIT
"""`rmcy demo` from end to end, and cut short."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from fix_cli import RMCY, cli_env, rmcy
from fix_process import lives
from fix_systemd import SystemdBox
from fix_terminal import Terminal

pytestmark = pytest.mark.linux("the story is told with a shell, signals and terminals of Linux")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_demo_tells_the_story_and_cleans_up(locale: str, tmp_path: Path) -> None:
    done = rmcy("demo", TMPDIR=str(tmp_path), COLUMNS="80", LC_ALL=locale)
    text = done.stdout.decode("ascii")
    assert done.returncode == 0, done
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"Right: these are the 4 programs", text)
    assert re.search(r"Right: 3 programs are back, as new processes", text)
    # Those that were started again are gone, too.
    back = [int(pid) for pid in re.findall(r"^ +\d+ +(\d+) .* back$", text, re.MULTILINE)]
    assert len(back) == 3
    assert not any(map(lives, back))
    assert list(tmp_path.iterdir()) == []


def test_demo_works_without_privileges(unprivileged: list[str], tmp_path: Path) -> None:
    done = rmcy("demo", prefix=unprivileged, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done


def test_demo_works_in_an_empty_environment() -> None:
    done = rmcy("demo", prefix=("env", "-i"))
    assert done.returncode == 0, done


def test_demo_works_where_systemd_is(systemd_box: SystemdBox) -> None:
    """What comes back is a transient unit there."""
    text = systemd_box.run(*RMCY, "demo")
    assert re.search(r"Right: 3 programs are back", text)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_demo_cleans_up_when_it_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    env = cli_env(TMPDIR=str(tmp_path))
    with subprocess.Popen([*RMCY, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as child:
        assert child.stdout is not None
        said = b""
        while b"\n2." not in said:
            line = child.stdout.readline()
            assert line, "the demo ended too early"
            said += line
        programs = [int(pid) for pid in re.findall(rb"^ +(\d+)  ", said, re.MULTILINE)]
        handles = [os.pidfd_open(pid) for pid in programs]
        child.send_signal(number)
        child.stdout.read()
        assert child.wait() == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert len(handles) == 5
    for handle in handles:
        # They have been waited for, so there is nobody to be signalled.
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(handle, 0)
        os.close(handle)


def test_interrupt_from_the_keyboard_ends_it_quietly(tmp_path: Path) -> None:
    """The programs that it has started are not in the terminal's foreground: they have nothing to say of it."""
    with Terminal("demo", TMPDIR=str(tmp_path)) as terminal:
        terminal.wait_for("\n2.")
        terminal.type("\x03")
        assert terminal.end() == 128 + signal.SIGINT
    assert "Traceback" not in terminal.shown
    assert list(tmp_path.iterdir()) == []


def test_demo_fails_where_sessions_cannot_be_kept(tmp_path: Path) -> None:
    """With all slots of the store taken it says so, and leaves nothing behind."""
    import rmcy as package

    taken = []
    try:
        while True:
            taken.append(package.start())
    except package.SessionLimitError:
        done = rmcy("demo", TMPDIR=str(tmp_path))
    finally:
        for session in taken:
            session.close()
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
