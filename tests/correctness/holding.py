# SPDX-License-Identifier: MIT
"""Ways of holding a file, and threads that hold it."""

from __future__ import annotations

from correctness.lab import Lab
from correctness.situation import MAPPED, OPEN, RUNS, Situation, case

WAYS = "Ways of holding a file"


@case(WAYS, "open descriptor")
def descriptor(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("fd", file).pid: OPEN}, innocent={lab.hold("fd", lab.file()).pid})


@case(WAYS, "memory map, its descriptor closed")
def closed_map(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("map", file).pid: MAPPED}, innocent={lab.hold("map", lab.file()).pid})


@case(WAYS, "the program that a process runs")
def executable(lab: Lab) -> Situation:
    program = lab.program()
    return Situation([program], {lab.hold(program=program).pid: RUNS})


@case(WAYS, "loaded library")
def library(lab: Lab) -> Situation:
    file = lab.library()
    return Situation([file], {lab.hold("library", file).pid: MAPPED})


@case(WAYS, "opened with O_PATH")
def o_path(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("o-path", file).pid: OPEN})


@case(WAYS, "opened inside a chroot")
def chroot(lab: Lab) -> Situation:
    root = lab.place()
    file = lab.file(root)
    return Situation([file], {lab.hold("chroot", root, "fd", "/file", "map", "/file").pid: OPEN | MAPPED})


THREADS = "Threads"


@case(THREADS, "descriptor only in a thread that has a table of its own")
def thread_descriptor(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("thread-fd", file).pid: OPEN})


@case(THREADS, "first thread ended, another has a descriptor")
def late_descriptor(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("late-fd", file).pid: OPEN})


@case(THREADS, "first thread ended, another has a map only")
def late_map(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("late-map", file).pid: MAPPED})


@case(THREADS, "first thread ended, the program still runs")
def late_executable(lab: Lab) -> Situation:
    program = lab.program()
    return Situation([program], {lab.hold("zombie", program=program).pid: RUNS})
