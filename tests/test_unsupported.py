# SPDX-License-Identifier: MIT
"""A system without a Restart Manager: everything imports, and the first call says so. Built here for real."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.linux("a wheel without a Restart Manager is built for other systems")

SOURCES = Path(__file__).parent.parent

CALLS = {
    "start": "rmcy.start()",
    "join": "rmcy.join('0' * 32)",
    "who": "rmcy.who('/bin/sh')",
    "sessions": "rmcy.sessions()",
    "from_pid": "rmcy.UniqueProcess.from_pid(1)",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """One in which the rmcy that is found has no backend."""
    folder = tmp_path_factory.mktemp("unsupported")
    environment = os.environ | {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
        "PYTHONSAFEPATH": "1",
    }
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    settings = [
        "--config-settings=setup-args=-Drestart_manager=none",
        f"--config-settings=build-dir={folder / 'build'}",
    ]
    subprocess.run([*command, *settings, "--target", folder / "lib", SOURCES], check=True, env=environment)
    return environment | {"PYTHONPATH": str(folder / "lib"), "FOLDER": str(folder / "lib")}


def run(environment: Mapping[str, str], code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_imports(environment: Mapping[str, str]) -> None:
    code = "import rmcy; from rmcy import *; i = rmcy.backend_info(); print(rmcy.__file__, i.backend, i.session_limit)"
    file, backend, limit = run(environment, code).split()
    assert Path(file).is_relative_to(environment["FOLDER"])
    assert (backend, limit) == ("none", "0")


def test_the_types_are_there(environment: Mapping[str, str]) -> None:
    code = "import rmcy; print(rmcy.AffectedApp(rmcy.UniqueProcess(1, 2), 'x', uses=[rmcy.FileUse('/x', 'open')]))"
    assert "FileUse('/x', 'open'" in run(environment, code)


@pytest.mark.parametrize("call", CALLS)
def test_the_first_call_says_so(environment: Mapping[str, str], call: str) -> None:
    run(
        environment,
        f"""
import rmcy
try:
    {CALLS[call]}
except rmcy.UnsupportedPlatformError as error:
    assert isinstance(error, NotImplementedError)
    assert error.code == 120
    assert "rmcy works on Windows and on Linux" in str(error)
else:
    raise SystemExit("it worked")
""",
    )
