# SPDX-License-Identifier: MIT
"""The many names that a file has on Windows: each finds the program that holds it, which is this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rmcy

pytestmark = pytest.mark.windows("a file of Windows has many names")

OTHER_NAMES: dict[str, Callable[[Path], str]] = {
    "as it is": str,
    "forward slashes": lambda path: path.as_posix(),
    "both slashes": lambda path: str(path.parent) + "/" + path.name,
    "upper case": lambda path: str(path).upper(),
    "without a limit": lambda path: rf"\\?\{path}",
    "a way round": lambda path: rf"{path.parent}\.\{path.parent.name}\..\{path.name}",
}


@contextmanager
def held(path: str) -> Iterator[None]:
    """A file that this process has open."""
    with open(path, "wb"):
        yield


def listed(session: rmcy.PrimarySession) -> list[int]:
    return [app.process.pid for app in session.affected()]


@pytest.mark.parametrize("kind", OTHER_NAMES)
def test_each_name_of_a_file_finds_its_holder(session: rmcy.PrimarySession, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "Held file.txt"
    (tmp_path / tmp_path.name).mkdir()
    with held(str(path)):
        assert session.register(OTHER_NAMES[kind](path)) == rmcy.Registered(files=1)
        assert listed(session) == [os.getpid()]


def test_a_name_without_its_drive_is_of_the_current_one(
    session: rmcy.PrimarySession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "held"
    monkeypatch.chdir(path.anchor)
    with held(str(path)):
        assert session.register("\\" + str(path.relative_to(path.anchor))).missing == ()
        assert listed(session) == [os.getpid()]


def test_a_path_of_more_than_260_characters_is_found(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["a folder with a long name"] * 12, "held")
    assert len(str(path)) > 300
    extended = rf"\\?\{path}"
    os.makedirs(os.path.dirname(extended))
    with held(extended):
        assert session.register([str(path), extended]) == rmcy.Registered(files=2)
        assert listed(session) == [os.getpid()]


def test_a_long_path_that_is_not_there_is_missing(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    path = str(tmp_path.joinpath(*["x" * 200] * 20))
    for name in (path, rf"\\?\{path}"):
        assert session.register(name).missing == (name,)
    assert session.affected().missing == (path, rf"\\?\{path}")


@pytest.mark.parametrize("name", ["\ud800", "a\udc80b", "\udfff\ud800", "\U0001f600\ud83d"], ids=ascii)
def test_a_lone_surrogate_stays_what_it_is(session: rmcy.PrimarySession, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    for given in (path, os.fsencode(path), rmcy.PathList([path])):
        assert session.register(given).missing == (path,)
    assert session.affected().missing == (path,)
    session.add_filter("no_restart", module=path)
    assert [found.module for found in session.filters()] == [path]


def test_two_surrogates_that_make_a_pair_are_one_character(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    assert session.register(f"{tmp_path}\\\ud83d\ude00").missing == (f"{tmp_path}\\\U0001f600",)


def test_a_name_with_characters_that_no_file_can_have_is_missing(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    names = tuple(str(tmp_path / name) for name in ("a?b", 'a"b', "a|b", "a<b", "a\tb"))
    assert session.register(names).missing == names
    assert len(session.affected()) == 0


def test_a_directory_is_one_by_each_name(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    for name in (f"{tmp_path}\\", tmp_path.as_posix(), rf"\\?\{tmp_path}", tmp_path.anchor):
        with pytest.raises(rmcy.DirectoryRegisteredError):
            session.register(name)
    assert len(session.affected()) == 0


def test_bytes_that_are_no_name_are_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(ValueError, match=r"files\[1\]"):
        session.register([b"C:\\a", b"C:\\\xff"])
