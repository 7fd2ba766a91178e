# SPDX-License-Identifier: MIT
"""Names that mean the same file, or no longer do."""

from __future__ import annotations

import os
import time
from pathlib import Path

from correctness.lab import Lab
from correctness.situation import MAPPED, MAPS, MAPS_AND_LOOKUP, OPEN, RUNS, Situation, case

NAMES = "Names"


@case(NAMES, "hard link: open by its other name")
def hard_link(lab: Lab) -> Situation:
    file = lab.file()
    other = file.with_name("other")
    other.hardlink_to(file)
    return Situation([file], {lab.hold("fd", other).pid: OPEN})


@case(NAMES, "hard link: mapped by its other name")
def hard_link_map(lab: Lab) -> Situation:
    file = lab.file()
    other = file.with_name("other")
    other.hardlink_to(file)
    return Situation([file], {lab.hold("map", other).pid: MAPPED})


@case(NAMES, "a symbolic link was registered")
def symbolic_link(lab: Lab) -> Situation:
    file = lab.file()
    link = file.with_name("link")
    link.symlink_to(file)
    return Situation([link], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(NAMES, "bind mount in another mount namespace: descriptor")
def bind(lab: Lab) -> Situation:
    file, other = lab.file(), lab.file()
    return Situation([file], {lab.hold("own-mounts", "bind", file, other, "fd", other).pid: OPEN})


@case(NAMES, "the same, lazily unmounted since")
def bind_detached(lab: Lab) -> Situation:
    file, other = lab.file(), lab.file()
    holder = lab.hold("own-mounts", "bind", file, other, "fd", other, "detach", other)
    return Situation([file], {holder.pid: OPEN})


@case(NAMES, "bind mount in another mount namespace: map only")
def bind_map(lab: Lab) -> Situation:
    file, other = lab.file(), lab.file()
    return Situation([file], {lab.hold("own-mounts", "bind", file, other, "map", other).pid: MAPPED})


@case(NAMES, "same path, but another file there in another mount namespace")
def same_path(lab: Lab) -> Situation:
    file = lab.file()
    make = ("own-mounts", "tmpfs", file.parent, "make", file)
    return Situation([file], innocent={lab.hold(*make, "fd", file).pid, lab.hold(*make, "map", file).pid})


@case(NAMES, "replaced by rename before it was registered: the old file is still held")
def replaced(lab: Lab) -> Situation:
    file = lab.file()
    old = {lab.hold("fd", file).pid, lab.hold("map", file).pid}
    os.replace(lab.file(file.parent, "new"), file)
    return Situation([file], {lab.hold("fd", file).pid: OPEN}, innocent=old)


CLOCK_REALTIME_COARSE = 5  # of linux/time.h
GONE = "Registered first, then deleted or replaced"


@case(GONE, "deleted: descriptor")
def deleted(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("fd", file).pid: OPEN}, change=file.unlink)


@case(GONE, "deleted: map")
def deleted_map(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("map", file).pid: MAPPED}, change=file.unlink, unsettled_without=MAPS)


@case(GONE, "deleted: program")
def deleted_executable(lab: Lab) -> Situation:
    program = lab.program()
    return Situation([program], {lab.hold(program=program).pid: RUNS}, change=program.unlink)


@case(GONE, "deleted where files have no birth time: descriptor and map")
def deleted_no_birth(lab: Lab) -> Situation:
    file = lab.file(lab.disk("ext4", 8, "-q", "-I", "128"))
    held = {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED}
    return Situation([file], held, change=file.unlink, unsettled_without=frozenset())


@case(GONE, "replaced by rename: the old file is still held")
def replaced_since(lab: Lab) -> Situation:
    file = lab.file()
    held = {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED}
    return Situation(
        [file], held, change=lambda: os.replace(lab.file(file.parent, "new"), file), unsettled_without=MAPS
    )


def upgraded(lab: Lab, file: Path) -> Situation:
    """As dpkg does it; and the next file is given the old one's inode number."""
    number = file.stat().st_ino
    # File systems take birth times from a clock that ticks 100 to 1000 times a second; files of one tick share it.
    while time.clock_gettime_ns(CLOCK_REALTIME_COARSE) <= file.stat().st_ctime_ns:
        pass
    situation = Situation([file], unsettled_without=MAPS_AND_LOOKUP)

    def upgrade() -> None:
        new = lab.file(file.parent, "file.dpkg-new")
        os.link(file, file.with_name("file.dpkg-tmp"))
        os.replace(new, file)
        file.with_name("file.dpkg-tmp").unlink()
        for n in range(256):
            next_file = lab.file(file.parent, f"next-{n}")
            if next_file.stat().st_ino == number:
                break
        else:
            raise AssertionError("the number was not given again")
        situation.innocent |= {lab.hold("fd", next_file).pid, lab.hold("map", next_file).pid}

    situation.change = upgrade
    return situation


@case(GONE, "upgraded as dpkg does; the next file got the old one's inode number")
def number_given_again(lab: Lab) -> Situation:
    return upgraded(lab, lab.file(lab.disk("ext4", 8, "-q")))


@case(GONE, "the same where files have no birth time (small inodes of ext4): not known, and said so")
def number_given_again_no_birth(lab: Lab) -> Situation:
    situation = upgraded(lab, lab.file(lab.disk("ext4", 8, "-q", "-I", "128")))
    situation.unsettled_without = frozenset()
    return situation
