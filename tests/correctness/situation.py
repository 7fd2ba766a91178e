# SPDX-License-Identifier: MIT
"""What a case sets up, and the list of all cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from correctness.lab import Lab

OPEN = frozenset({"open"})
MAPPED = frozenset({"mapped"})
RUNS = frozenset({"executable", "mapped"})  # who runs a program has it mapped

UNSEEN = "Not seen, or no use"  # the group of cases in which rmcy names nobody, as documented

# Features of the kernel, as without.py calls them.
MAPS = frozenset({"map_files"})  # looks at a mapped file itself; only those with a capability may
MAPS_AND_LOOKUP = MAPS | {"openat2"}  # looks a name up without waiting for a server


@dataclass
class Situation:
    """Who does what with which files, and what an answer about them has to say.

    `files` are registered, then `change` happens, then everybody is asked.
    """

    files: list[Path]
    held: dict[int, frozenset[str]] = field(default_factory=dict)
    """Processes that must be named, and how they use the files."""
    innocent: set[int] = field(default_factory=set)
    """Processes that must neither be named nor be called uncertain."""
    unseen: set[int] = field(default_factory=set)
    """Processes that use a file in a way that rmcy does not look at; they must not be named, as documented."""
    hidden: set[int] = field(default_factory=set)
    """Processes that who asks cannot see: the answer must say that it is incomplete, and may not name them."""
    change: Callable[[], None] | None = None
    asker: tuple[str, ...] = ()
    """What to put before the command of whoever asks: another user, other namespaces."""
    changing: bool = False
    """The processes execute other programs all the time: "it kept changing" is an answer too, and so is a part of
    the kinds, for a program runs a moment before it is mapped."""
    one_file: bool = False
    """A process uses one of the files at a time, never two."""
    refused: bool = False
    """The files are directories, about which rmcy refuses to answer."""
    unsettled_without: frozenset[str] | None = None
    """Where all these features of the kernel are missing nobody could tell for sure, so that "uncertain" is right;
    a false name, or "nobody", is not. An empty set: anywhere."""
    rounds: int = 1
    """How often to ask, as rmcy is; twice in the other ways."""


@dataclass(frozen=True)
class Case:
    group: str
    name: str
    title: str
    make: Callable[[Lab], Situation]


CASES: dict[str, Case] = {}


def case(group: str, title: str) -> Callable[[Callable[[Lab], Situation]], Callable[[Lab], Situation]]:
    """Make a function that sets up a situation one of the cases; `title` is its row in the table."""

    def add(make: Callable[[Lab], Situation]) -> Callable[[Lab], Situation]:
        name = make.__name__
        assert name not in CASES, name
        CASES[name] = Case(group, name, title, make)
        return make

    return add


# In the order of the table.
MODULES = ("holding", "names", "filesystems", "memory", "processes", "unseen")


def load_cases() -> list[Case]:
    """All cases, in the order of the table."""
    for module in MODULES:
        import_module(f"correctness.{module}")
    return list(CASES.values())
