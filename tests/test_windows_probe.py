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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (r'File "C:\Users\Jane Doe\windows_probe.py", line 3', 'File "windows_probe.py", line 3'),
        (r"not found: 'C:\\Users\\JANEDO~1\\Temp\\a.txt'", "not found: 'a.txt'"),
        (r"""not found: "D:/Jane O'Doe/a.txt" """, """not found: "a.txt" """),
        (r"\\doe.example\jane\a.txt", "a.txt"),
        (r"C:\Users\jane", "%USERNAME%"),
        ("Jane on DOES-PC: access denied", "%USERNAME% on %COMPUTERNAME%: access denied"),
        ("janet waits for 0:30 or 1/2", "janet waits for 0:30 or 1/2"),
    ],
)
def test_messages_name_nobody(said: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report holds them, and its questions are asked in folders that tell whose they are."""
    monkeypatch.setenv("USERNAME", "jane")
    monkeypatch.setenv("COMPUTERNAME", "does-pc")
    monkeypatch.delenv("USERDOMAIN", raising=False)
    assert load_probe().nameless(said) == told


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (r"C:\WINDOWS\System32\RstrtMgr.dll", r"%SYSTEMROOT%\System32\RstrtMgr.dll"),
        (r"C:\Windows2\rstrtmgr.dll", "rstrtmgr.dll"),
        (r"C:\Users\jane\rstrtmgr.dll", "rstrtmgr.dll"),
    ],
)
def test_library_is_told_by_its_place_in_the_system(path: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    assert load_probe().scrubbed(path) == told


def test_every_open_question_is_asked() -> None:
    """There are thirty: docs/windows.md has them by these numbers."""
    asked = {number for question in load_probe().QUESTIONS.values() for number in question.section}
    assert asked == set(range(1, 31))
