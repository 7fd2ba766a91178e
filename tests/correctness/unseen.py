# SPDX-License-Identifier: MIT
"""What rmcy does not see, or does not count as a use. The tests hold the documents to it."""

from __future__ import annotations

from correctness.lab import Lab
from correctness.situation import UNSEEN, Situation, case

KERNEL = 0  # no process has that number


@case(UNSEEN, "descriptor on its way through a socket, that nobody has received yet")
def in_flight(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], unseen={lab.hold("in-flight", file).pid})


@case(UNSEEN, "registered with an io_uring, descriptor closed")
def in_ring(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], unseen={lab.hold("in-ring", file).pid})


@case(UNSEEN, "backing file of a loop device: the kernel holds it, no process does")
def loop_device(lab: Lab) -> Situation:
    disk = lab.disk("ext4", 8, "-q")
    image = next(lab.directory.glob("*/ext4.image"))
    return Situation([image], innocent={lab.hold("cwd", disk).pid}, unseen={KERNEL})


@case(UNSEEN, "file in the lower layer of an overlay, whose merged name is open")
def overlay_lower(lab: Lab) -> Situation:
    lower, upper, work = lab.overlay()
    file = lab.file(lower)
    return Situation([file], unseen={lab.hold("fd", lab.mount_overlay(lower, upper, work) / "file").pid})


@case(UNSEEN, "current directory (no use: as on Windows, directories are refused)")
def current_directory(lab: Lab) -> Situation:
    place = lab.place()
    return Situation([place], unseen={lab.hold("cwd", place).pid}, refused=True)


@case(UNSEEN, "root directory (the same)")
def root_directory(lab: Lab) -> Situation:
    place = lab.place()
    return Situation([place], unseen={lab.hold("chroot", place).pid}, refused=True)
