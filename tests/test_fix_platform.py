# SPDX-License-Identifier: MIT
"""What is for one system only: pytest itself is run on a file that says so, as on the other one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.linux("the tests' own machinery is the same on both")

# Windows, for the fixtures alone.
ELSEWHERE = "import fix_ci, fix_platform\nfix_ci.ON_WINDOWS = fix_platform.ON_WINDOWS = True\n"

MARKED = """
import pytest
@pytest.mark.linux("why not")
def test_here(): pass
@pytest.mark.windows("why there")
def test_there(): pass
def test_anywhere(): pass
"""
MODULE = """
import pytest
import this_is_on_linux_only
pytestmark = pytest.mark.linux("why not at all")
def test_here(): pass
"""
SKIPS = "import pytest\ndef test_it(): pytest.skip('Linux is better')\n"


def run_pytest(folder: Path, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    env = os.environ | {"CI": "true", "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(folder)])}
    plugins = ["-p", "no:cacheprovider", "-p", "no:randomly", *options, "-p", "fix_platform", "-p", "fix_ci"]
    command = [sys.executable, "-m", "pytest", "-rs", "--strict-markers", *plugins, "-c", os.devnull]
    return subprocess.run(
        [*command, "--rootdir", folder, folder], check=False, cwd=folder, env=env, capture_output=True, text=True
    )


def test_on_linux_what_is_for_windows_is_deselected(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, test_it=MARKED)
    assert done.returncode == 0, done.stdout
    assert "2 passed, 1 deselected" in done.stdout


def test_on_windows_what_is_for_linux_is_skipped_and_counted(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "-p", "elsewhere", test_it=MARKED, test_other=MODULE, elsewhere=ELSEWHERE)
    assert done.returncode == 0, done.stdout
    assert "2 passed, 2 skipped" in done.stdout
    assert "    1 tests: why not\n" in done.stdout
    assert "    1 modules: why not at all: test_other.py\n" in done.stdout


def test_any_other_skip_is_a_failure_there_too(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "-p", "elsewhere", test_it=SKIPS, elsewhere=ELSEWHERE)
    assert done.returncode == 1
    assert "skipped, which CI=true does not allow: Skipped: Linux is better" in done.stdout
