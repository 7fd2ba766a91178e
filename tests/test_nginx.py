# SPDX-License-Identifier: MIT
"""Libraries are replaced under Debian's nginx, which serves meanwhile, and under what may not be stopped."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from rmcy import Outcome, RebootReason, StopCause

from fix_nginx import Machine
from fix_systemd import SystemdBox

pytestmark = pytest.mark.linux("the machine that is patched has a systemd")

SSL = "/usr/lib/x86_64-linux-gnu/libssl.so.3"
LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6"
# In the manner of dpkg.
REPLACE = 'for file; do cp -p "$file" "$file.dpkg-new" && mv -f "$file.dpkg-new" "$file"; done; echo replaced'


def inode(box: SystemdBox, path: str) -> int:
    return (box.root / path.lstrip("/")).stat().st_ino


def mapped(box: SystemdBox, pid: int, name: str) -> set[tuple[int, bool]]:
    """The files of that name that a process has mapped, by the numbers of their inodes, and whether they are gone."""
    maps = (box.root / f"proc/{pid}/maps").read_text()
    found = re.findall(rf" (\d+) +\S*/{re.escape(name)}( \(deleted\))?$", maps, re.MULTILINE)
    return {(int(number), bool(deleted)) for number, deleted in found}


def test_libraries_are_replaced_under_load(machine: Machine) -> None:
    box = machine.box
    nginx = box.main_pid("nginx.service")
    old = {path: inode(box, path) for path in (SSL, LIBC)}
    rmcy = [sys.executable, "-P", "-m", "rmcy"]
    command = ["run", "--yes", "--report", "/run/report.json", SSL, LIBC, "--", "sh", "-c", REPLACE, "sh", SSL, LIBC]
    said = box.run(*rmcy, *command)
    load = machine.client.end()

    # The command's output alone is on standard output.
    assert said == "replaced\n"
    new = {path: inode(box, path) for path in (SSL, LIBC)}
    assert new[SSL] != old[SSL]
    assert new[LIBC] != old[LIBC]

    # nginx is another one, on the new libraries, and serves.
    again = box.main_pid("nginx.service")
    assert again not in (0, nginx)
    for path in (SSL, LIBC):
        assert mapped(box, again, os.path.basename(path)) == {(new[path], False)}
    assert load.last == "served"
    assert load.counted["served"] > 0

    # Process 1 and sshd's session are there still, on the old libc, and the report says so.
    assert machine.login.answers()
    report = Outcome.from_dict(json.loads(Path(box.root / "run/report.json").read_text()))
    assert (
        RebootReason.CRITICAL_SERVICE in report.reboot_reasons or RebootReason.CRITICAL_PROCESS in report.reboot_reasons
    )
    alone = {process.pid: step.cause for step in report.left_alone for process in step.processes}
    for pid in (1, *machine.login.pids):
        assert mapped(box, pid, "libc.so.6") == {(old[LIBC], True)}
        assert alone[pid] is StopCause.CRITICAL
    (web,) = [step for step in report if step.service == "nginx.service"]
    assert web.verified
    assert web.now is not None
    assert web.now.pid == again


def shown(text: str) -> list[str]:
    """The lines without their numbers and how far they are apart; what nobody orders is in one order."""
    return sorted(re.sub(" +", " ", re.sub(r"\d+", "N", line)).strip() for line in text.splitlines())


def test_readme_shows_what_is_printed(machine: Machine) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    (script, command, printed), *_ = re.findall(
        r"^\$ cat replace\n(.*?)^\$ rmcy (run .*?)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL
    )
    # It is started by the bus's socket, which rmcy connects to.
    machine.box.start("dbus.service")
    machine.box.write("/run/replace", script)
    rmcy = f"{sys.executable} -P -m rmcy"
    line = f"cd {os.path.dirname(SSL)}; {rmcy} {command.replace(' replace ', ' /run/replace ')} 2>&1; exit $?"
    assert shown(machine.box.run("env", "COLUMNS=80", "bash", "-c", line)) == shown(printed)
