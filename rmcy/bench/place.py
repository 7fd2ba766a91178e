# SPDX-License-Identifier: MIT
"""Where and with what something was measured."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Self

__all__ = ["Interpreter", "Machine", "Package"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package and its version; None where it is not installed."""

    name: str
    version: str | None

    @classmethod
    def installed(cls, name: str) -> Self:
        """Look its version up."""
        try:
            return cls(name, version(name))
        except PackageNotFoundError:
            return cls(name, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """The Python, which is part of what is measured: `configured` and `flags` say how it was built."""

    implementation: str
    compiler: str
    configured: str
    flags: str
    gil: bool

    @classmethod
    def here(cls) -> Self:
        """The one that runs this."""
        return cls(
            implementation=platform.python_implementation(),
            compiler=platform.python_compiler(),
            configured=str(sysconfig.get_config_var("CONFIG_ARGS")),
            flags=str(sysconfig.get_config_var("PY_CORE_CFLAGS")),
            gil=bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine, and what else it did (`load`: of the last 1, 5 and 15 minutes; empty where not known)."""

    system: str
    release: str
    architecture: str
    processor: str
    processors: int
    load: tuple[float, ...]

    @classmethod
    def here(cls) -> Self:
        """This one, now."""
        return cls(
            system=platform.system(),
            release=platform.release(),
            architecture=platform.machine(),
            processor=_processor(),
            processors=os.cpu_count() or 1,
            load=tuple(os.getloadavg()) if hasattr(os, "getloadavg") else (),
        )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            return next(_named(lines), platform.processor())
    except OSError:
        return platform.processor()


def _named(lines: Iterable[str]) -> Iterator[str]:
    return (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
