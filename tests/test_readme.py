# SPDX-License-Identifier: MIT
"""The README tells the truth: its Python runs, its C links, its commands and statuses are those of the program."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rmcy

from fix_cli import Hold, cli_env
from fix_cli import rmcy as run
from fix_comeback import Comebacks

pytestmark = pytest.mark.linux("the README's commands are a shell's")

WHO_C = """
#include <restartmanager.h>

int main(void)
{
    DWORD session;
    WCHAR key[CCH_RM_SESSION_KEY + 1];

    return RmStartSession(&session, 0, key) || RmEndSession(session);
}
"""

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_python_runs(
    tmp_path: Path,
    hold: Hold,
    comebacks: Comebacks,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "data"
    path.touch()
    holder = hold(path)
    listed = tmp_path / "listed"
    listed.touch()
    installer = [sys.executable, "-P", "-m", "rmcy", "register", path]
    who, session, shutdown, join, come_back, load = blocks("python")
    names = {"library": path, "paths": [listed], "installer": installer}
    names |= {"subprocess": subprocess, "ctypes": ctypes, "sys": sys}
    exec(who, names)
    assert f"{holder.pid} " in capsys.readouterr().out
    exec(session, names)
    (app,) = names["affected"]
    assert app.process.pid == holder.pid
    names["paths"] = [tmp_path / "patched"]
    names["paths"][0].touch()
    names["installer"] = ["true"]
    comebacks.start(names["paths"][0])
    exec(shutdown, names)
    assert f"is back as {rmcy.UniqueProcess.from_pid(comebacks.next())}" in capsys.readouterr().out
    with rmcy.start() as primary:
        monkeypatch.setenv(rmcy.KEY_VARIABLE, str(primary.key))
        names["paths"] = [path]
        exec(join, names)
        assert [app.process.pid for app in primary.affected()] == [holder.pid]
    exec(come_back, names)
    assert names["registration"].active
    names["registration"].unregister()
    exec(load, names)
    assert names["restart_manager"].RmRegisterResources


def test_c_links_and_runs(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (tmp_path / "who.c").write_text(WHO_C)
    (lines,) = (block for block in blocks("sh") if "gcc" in block)
    command = lines.replace("python3", sys.executable) + "./a.out"
    subprocess.run(["bash", "-euc", command], check=True, cwd=tmp_path, env=cli_env())


def test_commands_are_those_of_the_program() -> None:
    described = set(re.findall(r"^\| `rmcy (\w+)", README, re.MULTILINE))
    listed = run("--help").stdout.decode().partition("Commands:\n")[2]
    assert described == set(re.findall(r"^  (\w+)", listed, re.MULTILINE))


def test_options_are_those_of_the_program() -> None:
    for row in re.findall(r"^\| `rmcy \w+.*$", README, re.MULTILINE):
        command = row.split()[2].strip("`")
        offered = set(re.findall(r"--[\w-]+", run(command, "--help").stdout.decode()))
        assert set(re.findall(r"--[\w-]+", row)) <= offered, command
