# SPDX-License-Identifier: MIT
"""A skip is a failure with CI=true and only then: pytest itself is run on a file that skips in four ways."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.linux("the tests' own machinery is the same on both")

SKIPS = {
    "mark": "import pytest\n@pytest.mark.skip(reason='why not')\ndef test_it(): pass\n",
    "call": "import pytest\ndef test_it(): pytest.skip('why not')\n",
    "fixture": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('why not')\ndef test_it(f): pass\n",
    "module": "import pytest\npytest.skip('why not', allow_module_level=True)\n",
}
PASSES = {
    "pass": "def test_it(): pass\n",
    "xfail": "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it(): assert False\n",
}


def run_pytest(folder: Path, source: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(source)
    env = os.environ | {"CI": ci, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-m", "pytest", "-p", "fix_ci", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, "--rootdir", folder, "test_it.py"], check=False, cwd=folder, env=env, capture_output=True, text=True
    )


@pytest.mark.parametrize("way", SKIPS)
def test_skip_fails_in_ci(way: str, tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPS[way], ci="true")
    assert done.returncode != 0, done.stdout
    assert "why not" in done.stdout


@pytest.mark.parametrize("way", SKIPS)
def test_skip_is_a_skip_elsewhere(way: str, tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPS[way], ci="")
    assert "1 skipped" in done.stdout
    assert "failed" not in done.stdout


@pytest.mark.parametrize("way", PASSES)
def test_other_outcomes_stay(way: str, tmp_path: Path) -> None:
    assert run_pytest(tmp_path, PASSES[way], ci="true").returncode == 0
