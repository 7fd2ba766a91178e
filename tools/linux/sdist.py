# SPDX-License-Identifier: MIT
"""The source distribution, which is of what is committed, and a wheel from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.linux.wheels import with_programs
from tools.windows.natives import PROJECT


def build_sdist(work: Path) -> Path:
    """Build the sdist and see that nothing is missing in it that a wheel is built from."""
    environment = with_programs(Path(sys.executable).parent)
    dist, scratch = work / "dist", work / "from-sdist"
    for older in dist.glob("rmcy-*.tar.gz"):
        older.unlink()
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(dist), str(PROJECT)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    (sdist,) = dist.glob("rmcy-*.tar.gz")

    shutil.rmtree(scratch, ignore_errors=True)
    # Nobody is given this wheel, so it need not be fast.
    options = ("--no-build-isolation", "--no-deps", "-Csetup-args=-Doptimization=0", "--wheel-dir", str(scratch))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", *options, str(sdist)], check=True, env=environment, cwd=work
    )
    (wheel,) = scratch.glob("rmcy-*.whl")
    subprocess.run([sys.executable, str(PROJECT / "tools/wheel_files.py"), str(wheel)], check=True)
    return sdist
