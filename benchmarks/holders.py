# SPDX-License-Identifier: MIT
"""The load that "who uses these files" is asked about: load.c, running, and who holds what by its own account."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from build import HERE, SHARED, build

LIBRARIES = 10

# Who holds which file: (pid, path).
Uses = frozenset[tuple[int, str]]


class Load:
    """Processes that hold files. They end with the block, or with this process, whatever ends it."""

    def __init__(self, processes: int, targets: Sequence[int]) -> None:
        self.processes = processes
        self._targets = targets
        self._truth: dict[int, Uses] = {}

    def __enter__(self) -> Load:
        self._directory = Path(tempfile.mkdtemp(prefix="rmcy-load-")).resolve()
        self._process: subprocess.Popen[str] | None = None
        try:
            self._start()
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def _start(self) -> None:
        program = build(HERE / "load.c", self._directory / "load")
        libraries = self._directory / "libraries"
        libraries.mkdir()
        first = self.library = build(HERE / "load_library.c", libraries / "0.so", *SHARED)
        for n in range(1, LIBRARIES):
            shutil.copy(first, libraries / f"{n}.so")
        self.files = self._directory / "files"
        self.files.mkdir()
        command = [str(program), str(self.processes), str(libraries), *map(str, self._targets)]
        self._process = subprocess.Popen(
            command, cwd=self.files, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        truth: dict[int, set[tuple[int, str]]] = {size: set() for size in self._targets}
        for line in self._process.stdout:
            if line == "ready\n":
                break
            pid, _, name = line.split()
            truth[int(name.partition("/")[0])].add((int(pid), f"{self.files}/{name}"))
        else:
            raise RuntimeError("the load ended before it was ready")
        self._truth = {size: frozenset(uses) for size, uses in truth.items()}

    def _clear(self) -> None:
        if self._process is not None:
            # Holders are sent SIGKILL when it ends, which is when its input does.
            self._process.communicate()
        shutil.rmtree(self._directory)

    def holders(self) -> frozenset[int]:
        """All processes of the load, each of which has all its libraries loaded."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return frozenset({pid, *map(int, children.split())})

    def names(self, size: int) -> list[str]:
        """The targets, relative to `files`: short, for an argument list is limited."""
        return [f"{size}/{n}" for n in range(size)]

    def paths(self, size: int) -> list[str]:
        return [f"{self.files}/{name}" for name in self.names(size)]

    def truth(self, size: int) -> Uses:
        return self._truth[size]
