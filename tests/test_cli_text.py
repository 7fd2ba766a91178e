# SPDX-License-Identifier: MIT
"""What a terminal gets to see: names that would act on it, names that are too long, terminals of any kind."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len

from rmcy.cli.text import quote, shorten_end, shorten_middle

from fix_cli import RMCY, Hold, cli_env, rmcy

pytestmark = pytest.mark.linux("a start takes seconds under Wine, for which test_windows_cli.py is")

NAMES = {
    b"new\nline": r"new\nline",
    b"\x1b[31mred\x1b[0m": r"\e[31mred\e[0m",
    b"tab\tbell\x07del\x7f": r"tab\tbell\x07del\x7f",
    b"not utf-8 \xff\xfe": r"not utf-8 \xff\xfe",
    "c1 \x9b31m".encode(): r"c1 \u009b31m",
    "turned \u202e round".encode(): r"turned \u202e round",
    b"quote ' back \\ \n": r"quote \' back \\ \n",
}


@pytest.mark.parametrize("name", NAMES, ids=NAMES.values())
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_names_are_escaped(name: bytes, locale: str, tmp_path: Path, hold: Hold) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    with open(path, "wb"):
        pass
    holder = hold(path)
    done = rmcy("who", path, LC_ALL=locale)
    assert done.returncode == 0, done
    (row,) = [line for line in done.stdout.decode().splitlines() if str(holder.pid) in line]
    assert row.endswith(f"$'{tmp_path}/{NAMES[name]}'")
    assert not re.search(rb"[^\n -~]", done.stdout)


@pytest.mark.parametrize("name", NAMES, ids=NAMES.values())
def test_shell_reads_the_escaped_name_back(name: bytes) -> None:
    shown = quote(os.fsdecode(name))
    done = subprocess.run(
        ["bash", "-c", f"printf %s {shown}"], check=True, capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"}
    )
    assert done.stdout == name


def test_names_in_messages_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "bad\n\x1b[31mname"
    path.mkdir()
    done = rmcy("who", path)
    assert done.returncode == 2
    assert b"\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not re.search(rb"[^\n -~]", rmcy("who", "--json", path).stdout)


def test_ordinary_names_stay_as_they_are(tmp_path: Path, hold: Hold) -> None:
    for name in ("caf\u00e9", "\u65e5\u672c", "back\\slash", "it's"):
        assert quote(name) == name
        (tmp_path / name).touch()
        hold(tmp_path / name)
        assert str(tmp_path / name) in rmcy("who", tmp_path / name, LC_ALL="C.UTF-8").stdout.decode()


def test_name_that_the_output_cannot_encode_is_escaped(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "caf\u00e9"
    path.touch()
    hold(path)
    done = rmcy("who", path, PYTHONIOENCODING="ascii:strict", LC_ALL="C.UTF-8")
    assert done.returncode == 0, done
    assert rb"caf\u00e9" in done.stdout


@pytest.mark.parametrize("columns", [80, 50, 132])
def test_no_line_is_longer_than_the_terminal_is_wide(columns: int, tmp_path: Path, hold: Hold) -> None:
    deep = tmp_path / ("directory-" * 6) / ("\u65e5\u672c" * 20)
    deep.mkdir(parents=True)
    names = [deep / f"library-with-a-long-name-{n}.so.1.2.3" for n in range(3)] + [tmp_path / "short"]
    for name in names:
        name.touch()
    holders = [hold(name) for name in names]
    done = rmcy("who", *names, COLUMNS=str(columns), LC_ALL="C.UTF-8")
    lines = done.stdout.decode().splitlines()
    assert max(map(cell_len, lines)) <= columns
    for holder in holders:
        assert any(str(holder.pid) in line for line in lines)
    assert sum("..." in line for line in lines) >= 3
    if columns >= 80:
        # The end of a path is what tells files apart.
        assert sum(line.endswith(".so.1.2.3") for line in lines) == 3


def test_nothing_is_cut_in_a_pipe(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / ("long-" * 40)
    path.touch()
    hold(path)
    assert str(path) in rmcy("who", path).stdout.decode()


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_on_a_terminal_only_if_wanted(env: dict[str, str], coloured: bool, tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "data"
    path.touch()
    hold(path)
    leader, follower = os.openpty()
    settings = {"TERM": "xterm-256color"} | env
    with open(leader, "rb", buffering=0) as screen:
        child = subprocess.Popen([*RMCY, "who", path], stdin=follower, stdout=follower, env=cli_env(**settings))
        os.close(follower)
        shown = b""
        try:
            while data := screen.read(4096):
                shown += data
        except OSError:  # EIO: nobody has the other end open any more
            pass
        assert child.wait() == 0
    assert b"PID" in shown
    assert (b"\x1b[" in shown) == coloured


def test_no_colours_in_a_pipe(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "data"
    path.touch()
    hold(path)
    assert b"\x1b" not in rmcy("who", path, TERM="xterm-256color").stdout


@pytest.mark.parametrize("width", range(1, 40))
@pytest.mark.parametrize(
    "text", ["/usr/lib/x86_64-linux-gnu/libssl.so.3", "\u65e5\u672c/" * 9, "x" * 50, "/a/" + "y" * 50]
)
def test_shortening_the_middle_keeps_the_width_and_both_ends(text: str, width: int) -> None:
    short = shorten_middle(text, width)
    assert cell_len(short) <= width
    assert short[0] in {text[0], " "}
    if cell_len(text) > width >= 8:
        head, dots, tail = short.partition("...")
        assert dots
        assert text.startswith(head.rstrip())
        assert tail
        assert text.endswith(tail)


@pytest.mark.parametrize("width", range(1, 40))
@pytest.mark.parametrize("text", ["postgresql@15-main", "\u65e5\u672c" * 20])
def test_shortening_the_end_keeps_the_width_and_the_start(text: str, width: int) -> None:
    short = shorten_end(text, width)
    assert cell_len(short) <= width
    assert text.startswith(short.removesuffix("...").rstrip())
    assert short == text or cell_len(text) > width
