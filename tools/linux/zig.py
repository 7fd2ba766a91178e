# SPDX-License-Identifier: MIT
"""Zig as the C compiler: what `meson setup` is told so that it builds for an architecture with glibc 2.28."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
GLIBC = "2.28"


@dataclass(frozen=True)
class Architecture:
    """An architecture, by Meson's name and Zig's; Debian's packages for it and QEMU have the same."""

    cpu_family: str
    endian: str
    bits: int
    triple: str

    def emulator(self) -> list[str]:
        """What runs a program of that architecture here: Debian's qemu-user-static and its C library."""
        return [f"qemu-{self.cpu_family}-static", "-L", f"/usr/{self.triple}"]

    def runs(self) -> bool:
        """Whether there is such an emulator here, and such a C library."""
        program, _, folder = self.emulator()
        return shutil.which(program) is not None and Path(folder).is_dir()

    def constants(self) -> dict[str, object]:
        return {
            "python": sys.executable,
            "target": f"{self.triple}.{GLIBC}",
            "cpu_family": self.cpu_family,
            "endian": self.endian,
            "emulator": self.emulator(),
        }


ARCHITECTURES = {
    architecture.cpu_family: architecture
    for architecture in (
        Architecture("x86_64", "little", 64, "x86_64-linux-gnu"),
        Architecture("aarch64", "little", 64, "aarch64-linux-gnu"),
        Architecture("arm", "little", 32, "arm-linux-gnueabihf"),
        Architecture("s390x", "big", 64, "s390x-linux-gnu"),
    )
}


def machine_files(architecture: Architecture, folder: Path) -> list[Path]:
    """Meson's machine files; the first is made, since it names this Python."""
    first = folder / f"{architecture.cpu_family}.ini"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"{name} = {value!r}" for name, value in architecture.constants().items())
    first.write_text("\n".join(["[constants]", *lines, ""]))
    return [first, HERE / "zig.ini"]


def native_setup(architecture: Architecture, folder: Path) -> list[str]:
    """To build for this machine, but for another C library."""
    return [f"--native-file={path}" for path in machine_files(architecture, folder)]


def cross_setup(architecture: Architecture, folder: Path) -> list[str]:
    """To build for another machine."""
    return [f"--cross-file={path}" for path in (*machine_files(architecture, folder), HERE / "zig-cross.ini")]
