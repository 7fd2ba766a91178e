# SPDX-License-Identifier: MIT
"""What is installed: everything that is promised, and no sources of extension modules."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import rmcy

FILES = [PurePosixPath(str(path)) for path in importlib.metadata.files("rmcy") or ()]
INSTALLED = {path.relative_to("rmcy") for path in FILES if path.is_relative_to("rmcy")}
SOURCES = Path(__file__).parent.parent
COMPILED = (
    "_account",
    "_acting",
    "_answer",
    "_arrow",
    "_backend",
    "_bulk",
    "_columns",
    "_filters",
    "_lists",
    "_pack",
    "_processes",
    "_records",
    "_registration",
    "_relaunch",
    "_session",
    "_status",
    "_texts",
)


def of(suffix: str) -> set[str]:
    return {str(path) for path in INSTALLED if path.name.endswith(suffix)}


def test_the_declarations_are_installed() -> None:
    assert of(".pxd") == {"restartmanager.pxd", "restartmanager_ext.pxd"}
    assert of(".h") == {"include/restartmanager.h", "include/restartmanager_ext.h"}
    assert sorted(os.listdir(rmcy.get_include())) == ["restartmanager.h", "restartmanager_ext.h"]


def test_the_types_are_installed() -> None:
    assert PurePosixPath("py.typed") in INSTALLED
    assert of(".pyi") == {"__init__.pyi", *(f"{name}.pyi" for name in COMPILED)}
    in_sources = {path.name for path in (SOURCES / "stubs" / "rmcy").glob("*.pyi")}
    assert in_sources == of(".pyi")


def test_every_python_module_is_installed() -> None:
    in_sources = {str(path.relative_to(SOURCES / "rmcy")) for path in (SOURCES / "rmcy").rglob("*.py")}
    assert of(".py") == in_sources


def test_there_is_one_library() -> None:
    assert {path.name for path in INSTALLED if "librstrtmgr" in path.name} == {"librstrtmgr.so.1"}
    library = rmcy.backend_info().library
    assert library is not None
    assert os.path.basename(library) == "librstrtmgr.so.1"
    assert os.path.samefile(os.path.dirname(library), os.path.dirname(str(rmcy.__file__)))
    with open("/proc/self/maps") as maps:
        loaded = {line.split()[-1] for line in maps if "librstrtmgr" in line}
    assert loaded == {library}


def test_every_extension_module_links_the_library_beside_it() -> None:
    modules = [path for path in INSTALLED if path.name.endswith(".so")]
    assert sorted(path.name.split(".")[0] for path in modules) == list(COMPILED)
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
    assert linked >= {"_answer", "_backend", "_bulk", "_records", "_session"}


def test_no_sources_and_no_generated_files_are_installed() -> None:
    for suffix in (".c", ".pyx", ".o", ".in", ".build", ".dll.a"):
        assert of(suffix) == set()
    outside = {path.parts[0] for path in FILES if not path.is_relative_to("rmcy") and path.parts[0] != ".."}
    assert all(name.startswith("rmcy-") and name.endswith(".dist-info") for name in outside)


def test_the_version_is_the_distribution_s() -> None:
    assert rmcy.__version__ == importlib.metadata.version("rmcy")


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
