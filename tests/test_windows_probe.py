# SPDX-License-Identifier: MIT
"""tools/windows_probe.py: what of it can be held to anything without Windows."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fix_probe import PROBE, load_probe


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROBE, *arguments], check=False, capture_output=True, text=True)


def test_questions_are_listed() -> None:
    listed = run("--list")
    assert listed.returncode == 0
    assert [line.partition(":")[0].partition(" ")[0] for line in listed.stdout.splitlines()] == list(
        load_probe().QUESTIONS
    )


@pytest.mark.linux("there it goes on")
def test_refuses_anything_but_windows(tmp_path: Path) -> None:
    refused = run("--output", str(tmp_path / "report.json"))
    assert refused.returncode == 2
    assert refused.stderr.startswith("windows_probe.py asks the Restart Manager of Windows")
    assert not list(tmp_path.iterdir())


def test_python_38_can_read_it() -> None:
    ast.parse(PROBE.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(PROBE.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_every_open_question_is_asked() -> None:
    """There are thirty: docs/windows.md has them by these numbers."""
    asked = {number for question in load_probe().QUESTIONS.values() for number in question.section}
    assert asked == set(range(1, 31))
