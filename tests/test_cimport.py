# SPDX-License-Identifier: MIT
"""A third party's .pyx compiles against the installed package and works on rmcy's handles."""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

import rmcy

from fix_program import Program

pytestmark = pytest.mark.linux("it is built by this machine's own C compiler")

CLIENT = Path(__file__).parent / "cimport" / "client.pyx"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("client")
    source, module = folder / "client.c", folder / f"client{sysconfig.get_config_var('EXT_SUFFIX')}"
    library = rmcy.backend_info().library
    assert library is not None
    compiler = [sys.executable, "-P", "-m", "cython", "-3", "-Werror", CLIENT, "-o", source]
    linker = [
        *shlex.split(os.environ.get("CC", "cc")),
        *("-shared", "-fPIC", "-O1", "-o", module, source, library),
        *("-I", rmcy.get_include(), "-I", sysconfig.get_path("include")),
        f"-Wl,-rpath,{Path(library).parent}",
    ]
    for command in (compiler, linker):
        subprocess.run(command, check=True, cwd=folder)
    spec = importlib.util.spec_from_file_location("client", module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_declarations_are_the_header_s(client: ModuleType) -> None:
    assert client.SIZES == (12, 668, 2)
    assert client.VALUES == (32, rmcy.AppType.CONSOLE, rmcy.AppStatus.RUNNING)
    assert client.backend() == rmcy.backend_info().backend


def test_it_works_on_a_handle_of_rmcy(
    client: ModuleType, session: rmcy.PrimarySession, held_file: tuple[Path, Program]
) -> None:
    path, holder = held_file
    assert client.register(session.handle, str(path)) == 0
    assert client.pids(session.handle) == (0, [holder.pid])
    assert [app.process.pid for app in session.affected()] == [holder.pid]


def test_rmcy_joins_its_session(client: ModuleType, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    handle, key = client.own_session()
    with rmcy.join(key) as joined:
        joined.register(path)
    assert client.pids(handle) == (0, [holder.pid])
    assert client.end(handle) == 0
