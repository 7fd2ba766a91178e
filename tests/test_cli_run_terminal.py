# SPDX-License-Identifier: MIT
"""`rmcy run` at a terminal: the question, Ctrl-C, the bars, and names that would write on it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from fix_cli import Hold
from fix_comeback import Comebacks, said_asked
from fix_process import lives
from fix_program import Program
from fix_terminal import Terminal

pytestmark = pytest.mark.linux("a pseudo-terminal is Linux's")


def test_interrupt_while_stopping_is_130_and_all_is_back(held: Path, stubborn: Program, comebacks: Comebacks) -> None:
    comebacks.start(held)
    with Terminal("run", "--yes", held, "--", "echo", "it has run") as terminal:
        said_asked(stubborn)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert terminal.shown.count("it has run") == 0
    assert lives(comebacks.next())


def test_interrupt_from_the_keyboard_is_the_commands_and_all_is_back(file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    source = """
import signal
try:
    print("ready", flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("stopped by hand", flush=True)
"""
    with Terminal("run", "--yes", file, "--", sys.executable, "-c", source) as terminal:
        terminal.wait_for("ready")
        terminal.type("\x03")
        assert terminal.end() == 0
    assert terminal.shown.count("stopped by hand") == 1
    assert lives(comebacks.next())


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("yes\n", 0), ("n\n", 125), ("\n", 125), ("\x04", 125)])
def test_at_a_terminal_it_asks(answer: str, status: int, file: Path, comebacks: Comebacks) -> None:
    pid = comebacks.start(file)
    with Terminal("run", file, "--", "echo", "it has run") as terminal:
        terminal.wait_for("[y/N] ")
        assert lives(pid)
        terminal.type(answer)
        assert terminal.end() == status
    assert ("it has run" in terminal.shown.partition("[y/N]")[2]) == (status == 0)
    assert lives(pid) == (status != 0)
    if status == 0:
        assert lives(comebacks.next())


def test_interrupt_at_the_question_is_130(file: Path, hold: Hold) -> None:
    holder = hold(file)
    with Terminal("run", file, "--", "true") as terminal:
        terminal.wait_for("[y/N] ")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert lives(holder.pid)


def test_interrupt_while_collecting_is_130(file: Path, hold: Hold) -> None:
    holder = hold(file)
    with Terminal("run", "--yes", "--collect", "echo collecting; exec sleep 1000", file, "--", "true") as terminal:
        terminal.wait_for("collecting")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert lives(holder.pid)


@pytest.mark.parametrize(("locale", "bar"), [("C.UTF-8", "━━━━"), ("C", "----")])
def test_progress_is_a_bar_on_a_terminal(locale: str, bar: str, file: Path, comebacks: Comebacks) -> None:
    comebacks.start(file)
    with Terminal("run", "--yes", file, "--", "true", LC_ALL=locale) as terminal:
        assert terminal.end() == 0
    assert re.search(f"Stopping .*{bar}.*100%", terminal.shown)
    assert re.search(f"Bringing back .*{bar}.*100%", terminal.shown)
    assert terminal.shown.isascii() == (locale == "C")
    assert lives(comebacks.next())


def test_hostile_names(tmp_path: Path, comebacks: Comebacks) -> None:
    """At 80 columns, in the locale C."""
    path = tmp_path / "bad\n\x1b[31mname"
    path.touch()
    comebacks.start(path)
    with Terminal("run", "--yes", path, tmp_path / "gone\x1b[0m", "--", "true", LC_ALL="C", NO_COLOR="1") as terminal:
        assert terminal.end() == 0
    assert "\x1b" not in terminal.shown
    assert terminal.shown.isascii()
    assert max(map(cell_len, terminal.shown.splitlines())) <= 80
    assert lives(comebacks.next())
