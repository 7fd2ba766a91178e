# SPDX-License-Identifier: MIT
"""File systems that number files each in their own way."""

from __future__ import annotations

import os
from pathlib import Path

from correctness.lab import AS_MOUNTING_USER, AS_USER, USER, Lab
from correctness.situation import MAPPED, MAPS_AND_LOOKUP, OPEN, Situation, case

SYSTEMS = "File systems"

FORGETFUL = ("-o", "entry_timeout=0,attr_timeout=0")


@case(SYSTEMS, "tmpfs: descriptor and map")
def tmpfs(lab: Lab) -> Situation:
    file = lab.file(lab.mount("tmpfs"))
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "xfs: descriptor and map")
def xfs(lab: Lab) -> Situation:
    file = lab.file(lab.disk("xfs", 300, "-q"))
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "ext4 with small inodes, without birth times: descriptor and map")
def no_birth_time(lab: Lab) -> Situation:
    file = lab.file(lab.disk("ext4", 8, "-q", "-I", "128"))
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "overlayfs: descriptor")
def overlay(lab: Lab) -> Situation:
    lower, upper, work = lab.overlay()
    lab.file(lower)
    file = lab.mount_overlay(lower, upper, work) / "file"
    return Situation([file], {lab.hold("fd", file).pid: OPEN})


@case(SYSTEMS, "overlayfs: map only, of a file in the lower layer")
def overlay_map(lab: Lab) -> Situation:
    lower, upper, work = lab.overlay()
    lab.file(lower)
    file = lab.mount_overlay(lower, upper, work) / "file"
    return Situation([file], {lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "overlayfs: map only, of a file in the upper layer")
def overlay_upper_map(lab: Lab) -> Situation:
    file = lab.file(lab.mount_overlay(*lab.overlay()))
    return Situation([file], {lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "overlayfs: held from the lower layer, copied up since by a write")
def overlay_copied_up(lab: Lab) -> Situation:
    lower, upper, work = lab.overlay()
    lab.file(lower)
    file = lab.mount_overlay(lower, upper, work) / "file"

    def write() -> None:
        with file.open("r+b") as stream:
            stream.write(b"y")

    held = {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED}
    return Situation([file], held, change=write, unsettled_without=MAPS_AND_LOOKUP)


@case(SYSTEMS, "btrfs: descriptor in a subvolume")
def btrfs(lab: Lab) -> Situation:
    disk = lab.disk("btrfs", 128, "-q")
    lab.run("btrfs", "-q", "subvolume", "create", disk / "sub")
    file = lab.file(disk / "sub")
    return Situation([file], {lab.hold("fd", file).pid: OPEN})


@case(SYSTEMS, "btrfs: map only in a subvolume")
def btrfs_map(lab: Lab) -> Situation:
    disk = lab.disk("btrfs", 128, "-q")
    lab.run("btrfs", "-q", "subvolume", "create", disk / "sub")
    file = lab.file(disk / "sub")
    return Situation([file], {lab.hold("map", file).pid: MAPPED}, unsettled_without=MAPS_AND_LOOKUP)


@case(SYSTEMS, "btrfs: the snapshot's copy is held, not the live file")
def btrfs_snapshot(lab: Lab) -> Situation:
    disk = lab.disk("btrfs", 128, "-q")
    lab.run("btrfs", "-q", "subvolume", "create", disk / "sub")
    file = lab.file(disk / "sub")
    lab.run("btrfs", "-q", "subvolume", "snapshot", disk / "sub", disk / "copy")
    copy = disk / "copy" / "file"
    assert copy.stat().st_ino == file.stat().st_ino
    return Situation(
        [file], innocent={lab.hold("fd", copy).pid, lab.hold("map", copy).pid}, unsettled_without=MAPS_AND_LOOKUP
    )


@case(SYSTEMS, "FUSE (bindfs): descriptor and map")
def fuse(lab: Lab) -> Situation:
    file = lab.bindfs(lab.file().parent) / "file"
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "FUSE that remembers no names: descriptor and map")
def fuse_asked(lab: Lab) -> Situation:
    file = lab.bindfs(lab.file().parent, *FORGETFUL) / "file"
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "FUSE that remembers no names: held is another link of the registered file")
def fuse_link(lab: Lab) -> Situation:
    file = lab.file()
    os.link(file, file.with_name("link"))
    shown = lab.bindfs(file.parent, *FORGETFUL)
    held = {lab.hold("fd", shown / "link").pid: OPEN}
    # Whether the name is the file's still could only be asked of the server.
    return Situation([shown / "file"], held, unsettled_without=frozenset())


@case(SYSTEMS, "FUSE that remembers no names: another one is mounted there, and a file of the same number is held")
def fuse_mounted_again(lab: Lab) -> Situation:
    first, second = (lab.file(lab.mount("tmpfs"), name) for name in ("file", "other"))
    assert first.stat().st_ino == second.stat().st_ino
    target = lab.bindfs(first.parent, *FORGETFUL)
    device = target.stat().st_dev
    situation = Situation([target / "file"], unsettled_without=frozenset())

    def change() -> None:
        lab.run("umount", target)
        lab.run("bindfs", *FORGETFUL, second.parent, target)
        assert target.stat().st_dev == device
        situation.innocent.add(lab.hold("fd", target / "other").pid)

    situation.change = change
    return situation


def refusing(lab: Lab) -> Path:
    """A file in a FUSE file system of an ordinary user, which refuses everybody else, root too."""
    source = lab.file().parent
    lab.run("chown", "-R", str(USER), source, source.parent)
    return lab.bindfs(source, "--no-allow-other", *FORGETFUL, prefix=AS_MOUNTING_USER) / "file"


@case(SYSTEMS, "FUSE of an ordinary user, asked by that user")
def fuse_of_user(lab: Lab) -> Situation:
    file = refusing(lab)
    held = {
        lab.hold("fd", file, "map", file, prefix=AS_USER).pid: OPEN | MAPPED,
        lab.hold("map", file, prefix=AS_USER).pid: MAPPED,
    }
    return Situation([file], held, asker=AS_USER)


@case(SYSTEMS, "FUSE of an ordinary user, asked by root, whom it refuses")
def fuse_refuses(lab: Lab) -> Situation:
    file = refusing(lab)
    return Situation([file], hidden={lab.hold("fd", file, prefix=AS_USER).pid})
