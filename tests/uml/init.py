# SPDX-License-Identifier: MIT
"""The first process of the old kernel: makes the usual mounts, runs pytest, leaves its output and status, powers off.

The host's files are there to be read only; `results`, the directory that is
mounted writable, is where the output goes.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
FINIT_MODULE, PIVOT_ROOT = 313, 155  # on x86-64, which is what Debian has this kernel for
MNT_DETACH = 2
POWER_OFF = 0x4321FEDC
MODULES = ("drivers/block/loop.ko", "fs/fuse/fuse.ko", "fs/overlayfs/overlay.ko")
KERNELS_OWN = ("dev", "mnt", "proc", "run", "sys")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def mount(kind: str, target: str, options: str = "", source: str = "none") -> None:
    subprocess.run(["/bin/mount", "-t", kind, *(("-o", options) if options else ()), source, target], check=True)


def load(path: Path) -> None:
    with path.open("rb") as module:
        if LIBC.syscall(FINIT_MODULE, module.fileno(), b"", 0) != 0:
            raise OSError(ctypes.get_errno(), f"{path}: {os.strerror(ctypes.get_errno())}")


def prepare(results: str) -> None:
    """Make a root in memory, in which the host's directories appear, and let it be the root."""
    mount("tmpfs", "/mnt")
    for entry in Path("/").iterdir():
        place = Path("/mnt") / entry.name
        if entry.is_symlink():
            place.symlink_to(entry.readlink())
        elif entry.is_dir() and entry.name not in KERNELS_OWN:
            place.mkdir()
            subprocess.run(["/bin/mount", "--bind", entry, place], check=True)
    for name in (*KERNELS_OWN, "results"):
        (Path("/mnt") / name).mkdir()
    mount("hostfs", "/mnt/results", results)
    # hostfs keeps no names in memory, so that as a root it would make every path one that may have to wait.
    os.chdir("/mnt")
    if LIBC.syscall(PIVOT_ROOT, b".", b".") != 0 or LIBC.umount2(b".", MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), f"no other root: {os.strerror(ctypes.get_errno())}")
    os.chdir("/")
    mount("proc", "/proc")
    mount("sysfs", "/sys")
    mount("devtmpfs", "/dev")
    Path("/dev/shm").mkdir()
    for place in ("/run", "/dev/shm", "/mnt"):
        mount("tmpfs", place)
    modules = Path("/usr/lib/uml/modules") / os.uname().release / "kernel"
    for module in MODULES:
        load(modules / module)


def run() -> int:
    """Run pytest as the file of arguments says; what it prints is a file, too."""
    repository, *arguments = json.loads(Path("/results/arguments").read_text())
    os.chdir(repository)
    environment = {"PATH": PATH, "HOME": "/mnt", "TMPDIR": "/mnt", "PYTHONSAFEPATH": "1", "CI": "true"}
    # The kernel lacks what it lacks; what it has is refused on newer ones.
    environment["CORRECTNESS_WAYS"] = "as it is"
    with open("/results/output", "wb") as output:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        ).returncode


def main() -> None:
    try:
        prepare(sys.argv[1])
        status = str(run())
    except Exception as error:
        status = repr(error)
    Path("/results/status").write_text(f"{os.uname().release} {status}\n")
    os.sync()
    LIBC.reboot(ctypes.c_uint(POWER_OFF))


if __name__ == "__main__":
    main()
