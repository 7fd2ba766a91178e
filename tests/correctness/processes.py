# SPDX-License-Identifier: MIT
"""Processes that are hard to see, and askers who see little."""

from __future__ import annotations

from pathlib import Path

from correctness.lab import AS_USER, Lab
from correctness.situation import MAPPED, OPEN, RUNS, Situation, case

PROCESSES = "Processes"
PF_KTHREAD = 0x00200000


@case(PROCESSES, "in another pid namespace")
def pid_namespace(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("own-pids", "fd", file, "map", file).pid: OPEN | MAPPED})


@case(PROCESSES, "in another user namespace")
def user_namespace(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], {lab.hold("own-user", "fd", file, "map", file).pid: OPEN | MAPPED})


@case(PROCESSES, "stopped")
def stopped(lab: Lab) -> Situation:
    file = lab.file()
    holder = lab.hold("fd", file, "map", file)
    holder.stop()
    return Situation([file], {holder.pid: OPEN | MAPPED})


@case(PROCESSES, "ended, its parent has not asked for its status: holds nothing")
def zombie(lab: Lab) -> Situation:
    file = lab.file()
    holder = lab.hold("fd", file, "ended")
    return Situation([file], {holder.process.pid: OPEN}, innocent={holder.pid})


@case(PROCESSES, "executes one program after another, a descriptor stays open (50 answers in a row)")
def executes(lab: Lab) -> Situation:
    file, one, other = lab.file(), lab.program(), lab.program()
    holder = lab.hold("fd", file, "alternate", other, program=one)
    return Situation([file], {holder.pid: OPEN}, changing=True, rounds=50)


@case(PROCESSES, "executes one program after another, both registered: it runs one of them (50 answers)")
def executes_registered(lab: Lab) -> Situation:
    one, other = lab.program(), lab.program()
    # Many descriptors, so that a reading is seldom over before the next program runs.
    several = ("fd", lab.file()) * 100
    holder = lab.hold(*several, "alternate", other, program=one)
    return Situation([one, other], {holder.pid: RUNS}, changing=True, one_file=True, rounds=50)


@case(PROCESSES, 'kernel threads hold nothing and are not "could not be inspected"')
def kernel_threads(lab: Lab) -> Situation:
    threads = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[6]) & PF_KTHREAD:
            threads.add(int(stat.parent.name))
    assert threads
    file = lab.file()
    return Situation([file], {lab.hold("fd", file).pid: OPEN}, innocent=threads)


WITHOUT_ROOT = "Asked by an ordinary user"


@case(WITHOUT_ROOT, "their own program: descriptor, map, executable")
def own_program(lab: Lab) -> Situation:
    file, program = lab.file(), lab.program()
    held = {
        lab.hold("fd", file, prefix=AS_USER).pid: OPEN,
        lab.hold("map", file, prefix=AS_USER).pid: MAPPED,
        lab.hold(program=program, prefix=AS_USER).pid: RUNS,
    }
    return Situation([file, program], held, asker=AS_USER)


@case(WITHOUT_ROOT, "another user's program, which they may not look into")
def others_program(lab: Lab) -> Situation:
    file = lab.file()
    return Situation([file], hidden={lab.hold("fd", file).pid}, asker=AS_USER)


def with_proc(option: str) -> tuple[str, ...]:
    """Another /proc, mounted with this option."""
    mount = f'mount -t proc -o {option} proc /proc && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh")


def behind(lab: Lab, option: str) -> Situation:
    file = lab.file()
    own, other = lab.hold("fd", file, prefix=AS_USER), lab.hold("fd", file)
    return Situation([file], {own.pid: OPEN}, hidden={other.pid}, asker=(*with_proc(option), *AS_USER))


@case(WITHOUT_ROOT, "/proc with hidepid=1: their own is named, others' are counted")
def hidepid_1(lab: Lab) -> Situation:
    return behind(lab, "hidepid=1")


@case(WITHOUT_ROOT, "/proc with hidepid=2: their own is named, and that there may be others is said")
def hidepid_2(lab: Lab) -> Situation:
    return behind(lab, "hidepid=2")


@case(WITHOUT_ROOT, "/proc with hidepid=ptraceable: the same")
def hidepid_ptraceable(lab: Lab) -> Situation:
    return behind(lab, "hidepid=ptraceable")


INSIDE = "Asked from inside"


@case(INSIDE, "a container's pid namespace: processes outside cannot be seen, which is said")
def from_pid_namespace(lab: Lab) -> Situation:
    file = lab.file()
    outside = lab.hold("fd", file)
    return Situation([file], hidden={outside.pid}, asker=("unshare", "--pid", "--fork", "--mount-proc"))
