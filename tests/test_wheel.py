# SPDX-License-Identifier: MIT
"""What is installed: everything that is promised, and no sources of extension modules."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import sysconfig
from pathlib import Path, PurePosixPath

import pytest
import wheel_files

import rmcy

FILES = [PurePosixPath(str(path)) for path in importlib.metadata.files("rmcy") or ()]
# Those that Python made itself when it was installed are not the wheel's.
INSTALLED = {path.relative_to("rmcy") for path in FILES if path.is_relative_to("rmcy") and path.suffix != ".pyc"}
SYSTEM = wheel_files.system_of(sysconfig.get_platform())


def test_the_right_files_are_installed() -> None:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    expected = wheel_files.package_files(SYSTEM, suffix)
    assert list(wheel_files.differences(expected, map(str, INSTALLED))) == []


def test_nothing_is_installed_beside_the_package() -> None:
    outside = {path.parts[0] for path in FILES if not path.is_relative_to("rmcy") and path.parts[0] != ".."}
    assert all(name.startswith("rmcy-") and name.endswith(".dist-info") for name in outside - {"bin"})


def test_the_headers_are_where_it_is_said() -> None:
    expected = [PurePosixPath(name).name for name in wheel_files.HEADERS[SYSTEM]]
    assert sorted(os.listdir(rmcy.get_include())) == expected


@pytest.mark.linux("the library is the system's own")
def test_there_is_one_library() -> None:
    library = rmcy.backend_info().library
    assert library is not None
    assert os.path.basename(library) == "librstrtmgr.so.1"
    assert os.path.samefile(os.path.dirname(library), os.path.dirname(str(rmcy.__file__)))
    with open("/proc/self/maps") as maps:
        loaded = {line.split()[-1] for line in maps if "librstrtmgr" in line}
    assert loaded == {library}


@pytest.mark.linux("readelf reads no DLL; tools/windows looks what each module imports")
def test_every_extension_module_links_the_library_beside_it() -> None:
    modules = [path for path in INSTALLED if path.name.endswith(".so")]
    linked = set()
    for path in modules:
        dynamic = subprocess.run(
            ["readelf", "-W", "-d", "--dyn-syms", Path(str(rmcy.__file__)).parent / path],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "[$ORIGIN]" in dynamic
        # No module has a copy of its own: what it calls comes from the one library.
        calls = [line for line in dynamic.splitlines() if " Rm" in line]
        assert all(" UND " in line for line in calls), path
        assert bool(calls) == ("[librstrtmgr.so.1]" in dynamic), path
        if calls:
            linked.add(path.name.split(".")[0])
    assert linked >= {"_answer", "_backend", "_bulk", "_handle", "_records"}


def test_the_version_is_the_distribution_s() -> None:
    assert rmcy.__version__ == importlib.metadata.version("rmcy")


@pytest.mark.linux("an isolated Python finds no packages under Wine")
def test_importing_is_light() -> None:
    # A command line that answers at once cannot wait for imports that it does not need.
    code = "import sys; before = set(sys.modules); import rmcy; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-P", "-I", "-c", code],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"asyncio", "ctypes", "click", "rich", "subprocess", "json", "importlib.metadata", "numpy"}
    assert "rmcy" in loaded
    assert not any(name.startswith("rmcy.cli") for name in done.stdout.split())
