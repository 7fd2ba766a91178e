# SPDX-License-Identifier: MIT
"""File systems that number files each in their own way."""

from __future__ import annotations

import os
from pathlib import Path

from correctness.lab import AS_MOUNTING_USER, AS_USER, USER, Lab
from correctness.situation import LOOKUP, MAPPED, MAPS_AND_LOOKUP, OPEN, Situation, case

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
    return Situation(
        [file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED}, unsettled_without=LOOKUP
    )


@case(SYSTEMS, "FUSE that remembers no names: descriptor and map")
def fuse_asked(lab: Lab) -> Situation:
    file = lab.bindfs(lab.file().parent, *FORGETFUL) / "file"
    return Situation(
        [file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED}, unsettled_without=LOOKUP
    )


@case(SYSTEMS, "FUSE that remembers no names: held is another link of the registered file")
def fuse_link(lab: Lab) -> Situation:
    file = lab.file()
    os.link(file, file.with_name("link"))
    shown = lab.bindfs(file.parent, *FORGETFUL)
    held = {lab.hold("fd", shown / "link").pid: OPEN}
    # Whether the name is the file's still could only be asked of the server.
    return Situation([shown / "file"], held, unsettled_without=frozenset())


def mount_again(lab: Lab, name: str, *, over: bool = False) -> Situation:
    """Another file system takes the place of the registered file's, and a file of the same number is held there."""
    first, second = (lab.file(lab.mount("tmpfs"), each) for each in ("file", name))
    target = lab.bindfs(first.parent, *FORGETFUL)
    number = (target.stat().st_dev, first.stat().st_ino)
    situation = Situation([target / "file"], unsettled_without=frozenset())

    def change() -> None:
        lab.run("umount", target)
        lab.run("bindfs", *FORGETFUL, second.parent, target)
        shown = (target / name).stat()
        assert (shown.st_dev, shown.st_ino) == number
        situation.innocent.add(lab.hold("fd", target / name).pid)
        if over:
            lab.mount_at(target, "tmpfs")

    situation.change = change
    return situation


@case(SYSTEMS, "FUSE that remembers no names: another one is mounted there, and a file of the same number is held")
def fuse_mounted_again(lab: Lab) -> Situation:
    return mount_again(lab, "other")


@case(SYSTEMS, "the same by the registered name, and a third one is mounted over it")
def fuse_mounted_over(lab: Lab) -> Situation:
    return mount_again(lab, "file", over=True)


@case(SYSTEMS, "FUSE that shows two file systems: a file of the same number by the same path in other mounts")
def fuse_of_two(lab: Lab) -> Situation:
    source = lab.place()
    numbers = set()
    for name in ("registered", "held"):
        (source / name).mkdir()
        numbers.add(lab.file(lab.mount_at(source / name, "tmpfs")).stat().st_ino)
    assert len(numbers) == 1
    shown = lab.bindfs(source, *FORGETFUL)
    file = shown / "registered" / "file"
    elsewhere = ("unshare", "--mount", "--propagation=private", "bash", "-c")
    mounting = f'mount --bind {shown}/held {shown}/registered && exec "$@"'
    holder = lab.hold("fd", file, prefix=(*elsewhere, mounting, "bash"))
    return Situation([file], innocent={holder.pid}, unsettled_without=frozenset())


@case(
    SYSTEMS, "FUSE that remembers no names: a deleted file of the same number, of which /proc tells the registered name"
)
def fuse_deleted(lab: Lab) -> Situation:
    shown = lab.bindfs(lab.disk("ext4", 8, "-q"), *FORGETFUL)
    file = lab.file(shown, "file (deleted)")
    number = file.stat().st_ino
    situation = Situation([file], unsettled_without=frozenset())

    def change() -> None:
        file.unlink()
        other = lab.file(shown, "file")
        assert other.stat().st_ino == number
        situation.innocent.add(lab.hold("fd", other).pid)
        other.unlink()

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
    return Situation([file], held, asker=AS_USER, unsettled_without=LOOKUP)


@case(SYSTEMS, "FUSE of an ordinary user, asked by root, whom it refuses")
def fuse_refuses(lab: Lab) -> Situation:
    file = refusing(lab)
    return Situation([file], hidden={lab.hold("fd", file, prefix=AS_USER).pid})
