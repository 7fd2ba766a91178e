# SPDX-License-Identifier: MIT
"""Which DLLs the programs inside a wheel ask Windows for: its own ones, Python's, and nothing of the compiler's."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from pythons import WindowsPython

OBJDUMP = "x86_64-w64-mingw32-objdump"
SHIM = "restartmanager_ext.dll"
RESTART_MANAGER = "rstrtmgr.dll"
# What every Windows 10 has.
SYSTEM = {RESTART_MANAGER, "kernel32.dll", "advapi32.dll", "msvcrt.dll", "version.dll", "user32.dll"}


def imports(program: Path) -> set[str]:
    done = subprocess.run([OBJDUMP, "-p", str(program)], check=True, capture_output=True, text=True)
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", done.stdout)}


def wrong_imports(python: WindowsPython, wheel: Path) -> list[str]:
    """Say what in a wheel would not load on somebody else's Windows, or would not use its Restart Manager."""
    allowed = SYSTEM | {SHIM, f"python{python.version.replace('.', '')}.dll"}
    with tempfile.TemporaryDirectory(prefix="rmcy-imports-") as name:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(name)
        asked = {path.name: imports(path) for path in Path(name).rglob("*") if path.suffix in (".pyd", ".dll")}
    wrong = [f"{program} needs {library}" for program in asked for library in sorted(asked[program] - allowed)]
    if RESTART_MANAGER not in asked.get(SHIM, ()):
        wrong.append(f"{SHIM} is not there, or is not linked to {RESTART_MANAGER}")
    if len(asked) < 2 or not any(RESTART_MANAGER in asked[program] for program in asked if program.endswith(".pyd")):
        wrong.append(f"no module is linked to {RESTART_MANAGER}")
    return wrong


def check_imports(python: WindowsPython, wheel: Path) -> None:
    if wrong := wrong_imports(python, wheel):
        sys.exit(f"{wheel.name}: " + "; ".join(wrong))
