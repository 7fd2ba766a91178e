# SPDX-License-Identifier: MIT
"""What becomes of directories among the files: refused, left out, expanded or accepted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
from rmcy.directories import expand

from fix_process import ON_WINDOWS
from fix_program import HOLDER, Program


def tree(root: Path) -> list[str]:
    (root / "d" / "sub").mkdir(parents=True)
    for name in ("d/b", "d/a", "d/sub/c"):
        (root / name).write_text("x")
    if not ON_WINDOWS:  # where links are for few, and pipes in no directory
        (root / "d" / "link").symlink_to(root / "d" / "sub")
        (root / "d" / "filelink").symlink_to(root / "d" / "a")
        os.mkfifo(root / "d" / "fifo")
    names = ("d/a", "d/b", "d/fifo", "d/filelink", "d/sub/c")
    return [str(root / name) for name in names if (root / name).exists()]


def test_a_directory_is_refused_before_anything_is_stored(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        session.register([tmp_path / "missing", tmp_path])
    error = caught.value
    assert isinstance(error, rmcy.DirectoryRegisteredError)
    assert f"files[1] is a directory: {str(tmp_path)!r}" in str(error)
    for word in ("refuse", "skip", "expand", "accept"):
        assert f'"{word}"' in str(error)
    assert error.directories == (str(tmp_path),)
    assert error.filename == str(tmp_path)
    assert session.affected(scope="mine").missing == ()


def test_a_directory_is_skipped(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    registered = session.register([tmp_path / "missing", tmp_path], directories="skip")
    assert registered == rmcy.Registered(files=1, missing=(str(tmp_path / "missing"),), skipped=(str(tmp_path),))
    assert session.affected(scope="mine").missing == (str(tmp_path / "missing"),)


def test_a_directory_is_expanded_to_its_files(
    session: rmcy.PrimarySession, tmp_path: Path, run_program: Callable[..., Program]
) -> None:
    files = tree(tmp_path)
    holder = run_program(HOLDER, str(tmp_path / "d" / "sub" / "c"))
    assert session.register(tmp_path, directories="expand") == rmcy.Registered(files=len(files))
    (app,) = session.affected()
    assert app.process.pid == holder.pid


def test_expanding_takes_the_files_in_a_fixed_order(tmp_path: Path) -> None:
    files = tree(tmp_path)
    assert expand([str(tmp_path), tmp_path / "x", os.fsencode(tmp_path)], 60) == [*files, tmp_path / "x", *files]
    for link in (tmp_path / "d").glob("link"):
        assert expand([link], 60) == [str(link / "c")]


@pytest.mark.linux("on Windows pipes and devices are in no directory")
def test_expanding_takes_everything_that_can_be_held(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to("missing")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert expand([tmp_path], 60) == [str(tmp_path / "pipe"), str(tmp_path / "zero")]


def test_expanding_passes_bad_entries_on_to_be_refused(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"files\[0\] is 'a\\x00b', with a NUL"):
        session.register(["a\0b"], directories="expand")
    with pytest.raises(TypeError, match=r"files\[1\] is 5"):
        session.register([tmp_path / "x", 5], directories="expand")  # type: ignore[list-item]


def test_an_accepted_directory_makes_every_list_fail(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    assert session.register([tmp_path], directories="accept").files == 1
    for _ in range(2):
        with pytest.raises(rmcy.DirectoryRegisteredError, match="a registered path is a directory") as caught:
            session.affected()
        assert (caught.value.code, caught.value.function) == (5, "RmGetList")
        assert caught.value.directories == (str(tmp_path),)
        assert repr(str(tmp_path)) in str(caught.value)


def test_an_unknown_way_with_directories_is_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(ValueError, match='use "refuse", "skip", "expand" or "accept"'):
        session.register("/bin/sh", directories="ignore")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"directories is \[\]: use"):
        session.register("/bin/sh", directories=[])  # type: ignore[arg-type]
