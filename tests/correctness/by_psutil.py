# SPDX-License-Identifier: MIT
"""Who psutil says uses these paths: `by_psutil.py PIDS PATH...` prints pids."""

from __future__ import annotations

import sys

import psutil

GONE = " (deleted)"


def paths_of(process: psutil.Process) -> set[str]:
    paths = {process.exe()}
    paths |= {file.path for file in process.open_files()}
    paths |= {region.path for region in process.memory_maps()}
    return {path.removesuffix(GONE) for path in paths}


def main(pids: str, *wanted: str) -> None:
    for pid in pids.split(","):
        try:
            if paths_of(psutil.Process(int(pid))) & set(wanted):
                print(pid)
        except psutil.Error:
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
