# SPDX-License-Identifier: MIT
"""Memory that looks like a file: its numbers mean nothing, even if a registered file has the same one."""

from __future__ import annotations

import os
from pathlib import Path

from correctness.lab import Lab
from correctness.situation import MAPPED, Situation, case

MEMORY = "Memory that is no file"

# Of an ext4 with blocks of 4 KiB: inodes of a group, its bytes, and the numbers that no file can be given: its own,
# and the first after these, which the directory has.
GROUP, GROUP_BYTES, RESERVED = 32768, 128 << 20, 12

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


def files_with_numbers(lab: Lab, numbers: set[int]) -> Path:
    """A directory of files that have these numbers, whatever they are, on a new ext4.

    They are put there by hand: counting up to them would take minutes where
    the machine has been up for long.
    """
    numbers = {number for number in numbers if number > RESERVED}
    assert numbers
    groups = max(numbers) // GROUP + 1
    image = lab.place() / "numbers.image"
    with image.open("xb") as file:
        file.truncate(groups * GROUP_BYTES)
    lab.run("mkfs.ext4", "-q", "-b", "4096", "-N", str(groups * GROUP), "-O", "^has_journal,^resize_inode", image)
    commands = image.with_name("commands")
    make = "sif <{0}> mode 0100644\nsif <{0}> links_count 1\nseti <{0}>\nlink <{0}> lower/{0}\n"
    commands.write_text("mkdir lower\n" + "".join(make.format(number) for number in sorted(numbers)))
    lab.run("debugfs", "-w", "-f", commands, image)
    lower = lab.mount("ext4", image, "loop,noinit_itable") / "lower"
    assert {path.stat().st_ino for path in lower.iterdir()} == numbers
    return lower


def everything(lab: Lab) -> tuple[int, dict[str, int]]:
    """Who has all kinds of memory mapped, and the numbers of these by their marks."""
    temporary = lab.mount("tmpfs")
    for _ in range(RESERVED):  # it counts from 1, and so does a kernel that has just booted
        os.close(os.memfd_create("passing"))
        (temporary / "passing").touch()
        (temporary / "passing").unlink()
    holder = lab.hold("memory", temporary)
    numbers = mapped_numbers(holder.pid)
    assert len(numbers) == len(MARKS), numbers
    return holder.pid, numbers


@case(MEMORY, "memfd, System V and anonymous memory, deleted temporary map: a file has the same number")
def memory(lab: Lab) -> Situation:
    pid, numbers = everything(lab)
    return Situation(sorted(files_with_numbers(lab, set(numbers.values())).iterdir()), innocent={pid})


@case(MEMORY, "the same, and the file with that number is on overlayfs")
def memory_overlay(lab: Lab) -> Situation:
    pid, numbers = everything(lab)
    # A deleted file of some file system, mapped: whether that is the one below the overlay cannot always be told.
    del numbers["/temporary-"]
    lower = files_with_numbers(lab, set(numbers.values()))
    upper, work = lower.with_name("upper"), lower.with_name("work")
    upper.mkdir()
    work.mkdir()
    merged = lab.mount_overlay(lower, upper, work)
    assert all(path.stat().st_ino == int(path.name) for path in merged.iterdir())
    return Situation(
        sorted(merged.iterdir()),
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
    file = lab.mount("tmpfs") / "file"
    file.touch()
    while file.stat().st_ino < Path("/dev/zero").stat().st_ino:
        file.unlink()
        file.touch()
    assert file.stat().st_ino == Path("/dev/zero").stat().st_ino
    return Situation([file], innocent={pid})
