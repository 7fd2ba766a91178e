# SPDX-License-Identifier: MIT
"""What is in a wheel, file by file: `python tools/wheel_files.py dist/*.whl` says what is missing and what is too much.

Modules, stubs and declarations are those of the source tree, so that one forgotten in a meson.build is missed here;
the rest is named. Nothing else may be in a wheel: no engine on Windows, no Rstrtmgr.dll, no C, no second library.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# The package's own libraries and headers, by the system in a wheel's name.
LIBRARIES = {
    "linux": ("librstrtmgr.so.1",),
    "win": ("restartmanager_ext.dll",),
}
HEADERS = {
    "linux": ("include/restartmanager.h", "include/restartmanager_ext.h"),
    # restartmanager.h is the Windows SDK's.
    "win": ("include/restartmanager_ext.h",),
}
DECLARATIONS = ("restartmanager.pxd", "restartmanager_ext.pxd")
DISTRIBUTION = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")

NAME = re.compile(
    r"(?P<distribution>rmcy-[^-]+)-(cp\d+)-cp(?P<python>\d+t?)-"
    r"(?P<platform>(?P<system>win|(many|musl)?linux)_.*)\.whl"
)


def system_of(platform: str) -> str:
    """ "linux" or "win", for a platform as wheels and `sysconfig.get_platform` name it."""
    return "win" if platform.startswith("win") else "linux"


def compiled() -> set[str]:
    """The names of the extension modules."""
    return {path.stem for path in (PROJECT / "rmcy").glob("*.pyx")}


def package_files(system: str, module_suffix: str) -> set[str]:
    """Every file of the installed package, relative to its folder."""
    sources, stubs = PROJECT / "rmcy", PROJECT / "stubs" / "rmcy"
    return {
        *(path.relative_to(sources).as_posix() for path in sources.rglob("*.py")),
        *(path.relative_to(stubs).as_posix() for path in stubs.rglob("*.pyi")),
        *(name + module_suffix for name in compiled()),
        *DECLARATIONS,
        *HEADERS[system],
        *LIBRARIES[system],
        "py.typed",
    }


def module_suffix(python: str, platform: str) -> str:
    """How the extension modules of a wheel end: `python` is 313 or 313t, `platform` the last part of its name."""
    if platform.startswith("win"):
        return f".cp{python}-{platform}.pyd"
    libc = "musl" if platform.startswith("musl") else "gnu"
    # A wheel may have several tags, which are of one architecture: manylinux_2_17_x86_64.manylinux2014_x86_64.
    architecture = re.sub(r"^(manylinux|musllinux)(_\d+_\d+|\d+)_|^linux_", "", platform.split(".")[0])
    return f".cpython-{python}-{architecture}-linux-{libc}.so"


def wheel_files(name: str) -> set[str]:
    """Every file of the wheel with this name."""
    match = NAME.fullmatch(name)
    if not match:
        raise ValueError(f"{name} is not the name of a wheel of rmcy's for Linux or Windows")
    system = system_of(match["platform"])
    suffix = module_suffix(match["python"], match["platform"])
    return {
        *(f"rmcy/{path}" for path in package_files(system, suffix)),
        *(f"{match['distribution']}.dist-info/{path}" for path in DISTRIBUTION),
    }


def differences(expected: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    """A sentence for each file that is missing or too much."""
    expected, found = set(expected), set(found)
    for path in sorted(expected - found):
        yield f"{path} is missing"
    for path in sorted(found - expected):
        yield f"{path} does not belong there"


def check_wheel(path: Path) -> list[str]:
    """What is wrong with the files of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        found = [name for name in wheel.namelist() if not name.endswith("/")]
    twice = [f"{name} is there twice" for name in sorted(set(found)) if found.count(name) > 1]
    return [*differences(wheel_files(path.name), found), *twice]


def main() -> int:
    wrong = 0
    for path in map(Path, sys.argv[1:]):
        found = check_wheel(path)
        for sentence in found:
            print(f"{path.name}: {sentence}", file=sys.stderr)
        if not found:
            print(f"{path.name}: its {len(wheel_files(path.name))} files are the right ones")
        wrong += bool(found)
    return 1 if wrong or not sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
