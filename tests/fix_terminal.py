# SPDX-License-Identifier: MIT
"""A terminal for `rmcy` to be used at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from fix_cli import RMCY, cli_env


class Terminal:
    """`rmcy` at a terminal of its own, in the foreground, read to the end by `end`."""

    def __init__(self, *args: str | Path, stdout: int | None = None, **env: str) -> None:
        self._screen, follower = os.openpty()
        os.set_inheritable(follower, True)
        command = ["setsid", "--ctty", *RMCY, *map(str, args)]
        settings = {"TERM": "xterm-256color", "COLUMNS": "80", **env}
        self.process = subprocess.Popen(
            command, stdin=follower, stdout=stdout or follower, stderr=follower, env=cli_env(**settings)
        )
        os.close(follower)
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def wait_for(self, text: str) -> None:
        while text not in self.shown:
            assert self._read(), f"it ended without {text!r}: {self.shown}"

    def end(self) -> int:
        while self._read():
            pass
        return self.process.wait()

    def _read(self) -> bool:
        try:
            data = os.read(self._screen, 4096)
        except OSError:  # EIO: nobody has the other end open any more
            return False
        self.shown += data.decode()
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._screen)
