# SPDX-License-Identifier: MIT
"""The ways in which rmcy is asked: as it is, and with each newer thing of the kernel missing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from correctness.lab import HERE
from correctness.without import CALLS, CAPABILITIES, QUERY

LAUNCHER = (sys.executable, str(HERE / "without.py"))
AS_IT_IS = "as it is"


@dataclass(frozen=True)
class Way:
    name: str
    missing: tuple[str, ...] = ()
    blind: bool = False
    """Nothing can be told of any file: "not known" is the only answer that can be right."""

    def lacks(self, features: frozenset[str]) -> bool:
        return features <= {word.partition("=")[0] for word in self.missing}

    @property
    def prefix(self) -> tuple[str, ...]:
        return (*LAUNCHER, *self.missing, "--") if self.missing else ()


@cache
def can_filter() -> bool:
    """Does this kernel have seccomp filters? User-mode Linux may not."""
    return subprocess.run([*LAUNCHER, "--check"], check=False, stderr=subprocess.DEVNULL).returncode == 0


def refused(calls: tuple[str, ...], error: str) -> tuple[str, ...]:
    return tuple(f"{call}={error}" for call in calls)


@cache
def all_ways() -> tuple[Way, ...]:
    """Those that this kernel can be made to show; CORRECTNESS_WAYS, names with commas between, leaves only those."""
    ways = [Way(AS_IT_IS), Way("map_files refused", (CAPABILITIES,))]
    if can_filter():
        ways += [
            Way("no PROCMAP_QUERY", (QUERY,)),
            Way("no PROCMAP_QUERY and map_files refused", (QUERY, CAPABILITIES)),
            *(Way(f"no {call}", (call,)) for call in ("kcmp", "memfd_create", "pidfd_send_signal", "openat2")),
            # Before Linux 5.12, openat2 is there but does not know RESOLVE_CACHED.
            Way("openat2 without RESOLVE_CACHED", ("openat2=EINVAL",)),
            Way("nothing newer", (QUERY, *CALLS)),
            Way("nothing newer and map_files refused", (QUERY, *CALLS, CAPABILITIES)),
            # What a sandbox answers to a call that it does not know.
            Way("nothing newer permitted", refused(CALLS, "EPERM")),
            # Older than any kernel that rmcy works on: only a sandbox can refuse it.
            Way("statx not permitted", ("statx=EPERM",), blind=True),
        ]
    wanted = os.environ.get("CORRECTNESS_WAYS")
    return tuple(way for way in ways if not wanted or way.name in wanted.split(","))
