# SPDX-License-Identifier: MIT
"""What is said of a wheel that has other files than it should."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import wheel_files

LINUX = "rmcy-1.0-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
WINDOWS = "rmcy-1.0-cp312-cp312-win_amd64.whl"


def write(folder: Path, name: str, files: set[str]) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as wheel:
        for file in sorted(files):
            wheel.writestr(file, "")
    return path


@pytest.mark.parametrize("name", [LINUX, WINDOWS])
def test_nothing_is_said_of_the_right_ones(tmp_path: Path, name: str) -> None:
    assert wheel_files.check_wheel(write(tmp_path, name, wheel_files.wheel_files(name))) == []


def test_each_system_has_its_own_library_and_headers() -> None:
    linux, windows = wheel_files.wheel_files(LINUX), wheel_files.wheel_files(WINDOWS)
    assert {"rmcy/librstrtmgr.so.1", "rmcy/_session.cpython-313-x86_64-linux-gnu.so"} <= linux
    assert {"rmcy/restartmanager_ext.dll", "rmcy/_session.cp312-win_amd64.pyd"} <= windows
    assert {path for path in windows if path.endswith((".dll", ".h"))} == {
        "rmcy/restartmanager_ext.dll",
        "rmcy/include/restartmanager_ext.h",
    }
    assert not any(path.endswith((".c", ".pyx")) for path in linux | windows)


@pytest.mark.parametrize("file", ["rmcy/rstrtmgr.dll", "rmcy/librstrtmgr.so.1", "rmcy/_session.c"])
def test_a_file_too_many_is_named(tmp_path: Path, file: str) -> None:
    wheel = write(tmp_path, WINDOWS, wheel_files.wheel_files(WINDOWS) | {file})
    assert wheel_files.check_wheel(wheel) == [f"{file} does not belong there"]


@pytest.mark.parametrize("file", ["rmcy/py.typed", "rmcy/_session.pyi", "rmcy/cli/who.py"])
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    wheel = write(tmp_path, LINUX, wheel_files.wheel_files(LINUX) - {file})
    assert wheel_files.check_wheel(wheel) == [f"{file} is missing"]


def test_a_library_under_another_name_is_told(tmp_path: Path) -> None:
    # As auditwheel would put it, had it taken the library for somebody else's.
    files = wheel_files.wheel_files(LINUX) - {"rmcy/librstrtmgr.so.1"} | {"rmcy.libs/librstrtmgr-1a2b3c4d.so.1"}
    assert wheel_files.check_wheel(write(tmp_path, LINUX, files)) == [
        "rmcy/librstrtmgr.so.1 is missing",
        "rmcy.libs/librstrtmgr-1a2b3c4d.so.1 does not belong there",
    ]


@pytest.mark.parametrize(
    ("python", "platform", "suffix"),
    [
        ("311", "linux_x86_64", ".cpython-311-x86_64-linux-gnu.so"),
        ("313", "manylinux_2_28_aarch64", ".cpython-313-aarch64-linux-gnu.so"),
        ("312", "manylinux_2_17_x86_64.manylinux2014_x86_64", ".cpython-312-x86_64-linux-gnu.so"),
        ("313t", "musllinux_1_2_x86_64", ".cpython-313t-x86_64-linux-musl.so"),
        ("313t", "win_arm64", ".cp313t-win_arm64.pyd"),
    ],
)
def test_a_module_is_named_as_its_python_names_it(python: str, platform: str, suffix: str) -> None:
    assert wheel_files.module_suffix(python, platform) == suffix


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"other-1\.0-py3-none-any\.whl is not the name of a wheel"):
        wheel_files.wheel_files("other-1.0-py3-none-any.whl")
