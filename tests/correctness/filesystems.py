# SPDX-License-Identifier: MIT
"""File systems that number files each in their own way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from correctness.lab import AS_MOUNTING_USER, AS_USER, USER, CannotMake, Holder, Lab
from correctness.situation import MAPPED, MAPS_AND_LOOKUP, OPEN, Situation, case

SYSTEMS = "File systems"

FORGETFUL = ("-o", "entry_timeout=0,attr_timeout=0")


def held_both_ways(lab: Lab, file: Path) -> Situation:
    return Situation([file], {lab.hold("fd", file).pid: OPEN, lab.hold("map", file).pid: MAPPED})


@case(SYSTEMS, "tmpfs: descriptor and map")
def tmpfs(lab: Lab) -> Situation:
    file = lab.file(lab.mount("tmpfs"))
    return held_both_ways(lab, file)


@case(SYSTEMS, "xfs: descriptor and map")
def xfs(lab: Lab) -> Situation:
    file = lab.file(lab.disk("xfs", 300, "-q"))
    return held_both_ways(lab, file)


@case(SYSTEMS, "ext4 with small inodes, without birth times: descriptor and map")
def no_birth_time(lab: Lab) -> Situation:
    file = lab.file(lab.disk("ext4", 8, "-q", "-I", "128"))
    return held_both_ways(lab, file)


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
    return held_both_ways(lab, file)


@case(SYSTEMS, "FUSE that remembers no names: descriptor and map")
def fuse_asked(lab: Lab) -> Situation:
    file = lab.bindfs(lab.file().parent, *FORGETFUL) / "file"
    return held_both_ways(lab, file)


@case(SYSTEMS, "FUSE that remembers no names: held is another link of the registered file")
def fuse_link(lab: Lab) -> Situation:
    file = lab.file()
    os.link(file, file.with_name("link"))
    shown = lab.bindfs(file.parent, *FORGETFUL)
    held = {lab.hold("fd", shown / "link").pid: OPEN}
    # Whether the name is the file's still could only be asked of the server.
    return Situation([shown / "file"], held, unsettled_without=frozenset())


@case(SYSTEMS, "the same, held by programs whose first thread has ended")
def fuse_first_thread(lab: Lab) -> Situation:
    file = lab.bindfs(lab.file().parent, *FORGETFUL) / "file"
    return Situation([file], {lab.hold("late-fd", file).pid: OPEN, lab.hold("late-map", file).pid: MAPPED})


@case(SYSTEMS, "FUSE that remembers no names, mounted in another such: descriptor and map")
def fuse_in_fuse(lab: Lab) -> Situation:
    outer = lab.place()
    (outer / "mount").mkdir()
    target = lab.bindfs(outer, *FORGETFUL) / "mount"
    lab.bindfs_at(target, lab.file().parent, *FORGETFUL)
    return held_both_ways(lab, target / "file")


def mount_with_number(lab: Lab, source: Path, target: Path, device: int) -> None:
    """Mount FUSE there, and get that number for it, which somebody else on the machine may have for the moment."""
    for _ in range(100):
        lab.run("bindfs", *FORGETFUL, source, target)
        if target.stat().st_dev == device:
            return
        lab.run("umount", target)
    lab.run("bindfs", source, target)  # to be unmounted at the end
    raise CannotMake(f"no file system mounted at {target} gets the number {device}")


def mount_again(lab: Lab, name: str, *, over: bool = False) -> Situation:
    """Another file system takes the place of the registered file's, and a file of the same number is held there."""
    first, second = (lab.file(lab.mount("tmpfs"), each) for each in ("file", name))
    target = lab.bindfs(first.parent, *FORGETFUL)
    device, number = target.stat().st_dev, first.stat().st_ino
    situation = Situation([target / "file"], unsettled_without=frozenset())

    def change() -> None:
        lab.run("umount", target)
        mount_with_number(lab, second.parent, target, device)
        assert (target / name).stat().st_ino == number
        situation.innocent |= {lab.hold(verb, target / name).pid for verb in ("fd", "map")}
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


def show_two(lab: Lab) -> tuple[Path, Path]:
    """A FUSE file system with two others in it: their directories, in each of which `file` has the same number."""
    source = lab.place()
    numbers = set()
    for name in ("registered", "held"):
        (source / name).mkdir()
        numbers.add(lab.file(lab.mount_at(source / name, "tmpfs")).stat().st_ino)
    assert len(numbers) == 1
    shown = lab.bindfs(source, *FORGETFUL)
    return shown / "registered", shown / "held"


@case(SYSTEMS, "FUSE that shows two file systems: a file of the same number by the same path in other mounts")
def fuse_of_two(lab: Lab) -> Situation:
    registered, held = show_two(lab)
    file = registered / "file"
    holders = {lab.hold("own-mounts", "bind", held, registered, verb, file).pid for verb in ("fd", "map")}
    return Situation([file], innocent=holders, unsettled_without=frozenset())


@case(SYSTEMS, "the same, by a process that has come back to our mounts")
def fuse_came_back(lab: Lab) -> Situation:
    registered, held = show_two(lab)
    file = registered / "file"
    holder = lab.hold("own-mounts", "bind", held, registered, "fd", file, "come-back")
    return Situation([file], innocent={holder.pid}, unsettled_without=frozenset())


def given_again(
    lab: Lab, hold: Callable[[Path, Path], Holder], name: str = "file", other: str = "file", *, deep: bool = False
) -> Situation:
    """A registered file is deleted, another gets its number, and that is held: hold(the file system, that file).

    deep: from the root of the file system, the other one has the path that the file system itself has from "/".
    """
    shown = lab.bindfs(lab.disk("ext4", 8, "-q"), *FORGETFUL)
    directory = shown / shown.relative_to("/") if deep else shown
    directory.mkdir(parents=True, exist_ok=True)
    file = lab.file(shown, name)
    number = file.stat().st_ino
    situation = Situation([file], unsettled_without=frozenset())

    def change() -> None:
        file.unlink()
        given = lab.file(directory, other)
        assert given.stat().st_ino == number
        situation.innocent.add(hold(shown, given).pid)

    situation.change = change
    return situation


@case(
    SYSTEMS, "FUSE that remembers no names: a deleted file of the same number, of which /proc tells the registered name"
)
def fuse_deleted(lab: Lab) -> Situation:
    def hold(shown: Path, file: Path) -> Holder:
        holder = lab.hold("fd", file)
        file.unlink()
        return holder

    return given_again(lab, hold, "file (deleted)")


@case(SYSTEMS, "the same, a file of which it is told below another mount")
def fuse_covered(lab: Lab) -> Situation:
    def hold(shown: Path, file: Path) -> Holder:
        below = os.open(shown, os.O_PATH | os.O_DIRECTORY)
        (shown / "directory").mkdir()
        lab.bind(shown / "directory", shown)
        holder = lab.hold("fd", f"/proc/{os.getpid()}/fd/{below}/{file.name}")
        os.close(below)
        return holder

    return given_again(lab, hold)


@case(SYSTEMS, "the same, a file of which it is told in a lazily unmounted mount")
def fuse_detached(lab: Lab) -> Situation:
    target = lab.place()

    def hold(shown: Path, file: Path) -> Holder:
        # From here on, its names begin where the mount did.
        return lab.hold("bind", shown, target, "fd", target / file.relative_to(shown), "detach", target)

    return given_again(lab, hold, deep=True)


@case(SYSTEMS, "the same, a map of which it is told in the text of maps, where a newline is four characters")
def fuse_newline(lab: Lab) -> Situation:
    return given_again(lab, lambda _, file: lab.hold("map", file), "new\nline", "new\\012line")


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
