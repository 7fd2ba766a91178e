# SPDX-License-Identifier: MIT
"""Memory that looks like a file: its numbers mean nothing, even if a registered file has the same one."""

from __future__ import annotations

import os
from pathlib import Path

from correctness.lab import CannotMake, Lab
from correctness.situation import MAPPED, Situation, case

MEMORY = "Memory that is no file"
MOST_FILES = 8_000_000  # some twenty seconds; numbers grow with the time that a machine is up
CLOSE = 100


MARKS = ("/memfd:", "/SYSV", "/dev/zero", "/temporary-")


def mapped_numbers(pid: int) -> dict[str, int]:
    """The inode numbers of the maps whose path has one of the marks in it."""
    numbers = {}
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        for mark in MARKS:
            if len(fields) == 6 and mark in fields[5]:
                numbers[mark] = int(fields[4])
    return numbers


def files_with_numbers(directory: Path, numbers: set[int]) -> list[Path]:
    """Files of a new tmpfs, which counts from 1, that have these numbers."""
    if max(numbers) > MOST_FILES:
        raise CannotMake(f"this kernel has given out so many numbers that no tmpfs reaches {max(numbers)} soon")
    left = set(numbers)
    found = []
    number = 0
    passing = directory / "passing"
    while any(number < wanted for wanted in left):
        # Those in between need not be looked at.
        for _ in range(min(wanted for wanted in left if wanted > number) - number - CLOSE if number else 0):
            os.mknod(passing)
            os.unlink(passing)
        os.mknod(passing)
        number = passing.stat().st_ino
        if number in left:
            left.discard(number)
            found.append(passing.rename(directory / str(number)))
        else:
            passing.unlink()
    return found


def everything(lab: Lab) -> tuple[int, Path, list[Path]]:
    temporary = lab.mount("tmpfs")
    holder = lab.hold("memory", temporary)
    numbers = mapped_numbers(holder.pid)
    assert len(numbers) == len(MARKS), numbers
    directory = lab.mount("tmpfs")
    files = directory / "lower"
    files.mkdir()
    found = files_with_numbers(files, set(numbers.values()))
    assert found, numbers
    return holder.pid, directory, found


@case(MEMORY, "memfd, System V and anonymous memory, deleted temporary map: a tmpfs file has the same number")
def memory(lab: Lab) -> Situation:
    pid, _, files = everything(lab)
    return Situation(files, innocent={pid})


@case(MEMORY, "the same, and the file with that number is on overlayfs")
def memory_overlay(lab: Lab) -> Situation:
    pid, directory, files = everything(lab)
    upper, work = directory / "upper", directory / "work"
    upper.mkdir()
    work.mkdir()
    merged = lab.mount_overlay(files[0].parent, upper, work)
    return Situation(
        [merged / file.name for file in files],
        innocent={pid},
        unsettled_without=frozenset({"map_files", "memfd_create"}),
    )


@case(MEMORY, "map of a character device: the device node was registered")
def device(lab: Lab) -> Situation:
    # /dev/zero stands for /dev/dri, which not every machine has: a private map of it is one of the device, too.
    return Situation([Path("/dev/zero")], {lab.hold("map", "/dev/zero").pid: MAPPED})


@case(MEMORY, "map of a character device: a tmpfs file has the same number as the node")
def device_number(lab: Lab) -> Situation:
    pid = lab.hold("map", "/dev/zero").pid
    return Situation(files_with_numbers(lab.mount("tmpfs"), {Path("/dev/zero").stat().st_ino}), innocent={pid})
