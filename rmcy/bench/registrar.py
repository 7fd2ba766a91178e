# SPDX-License-Identifier: MIT
"""A way to register files, with a session of its own for each sample."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from rmcy.bench.contest import Work
from rmcy.session import PrimarySession, start

__all__ = ["Registrar"]


class Registrar:
    """A contender; `ready` is given the session of the sample."""

    def __init__(self, name: str, ready: Callable[[PrimarySession], Work], paths: Sequence[str]) -> None:
        self.name = name
        self._ready = ready
        self._paths = paths
        self._session: PrimarySession | None = None

    def open(self) -> Work:
        self._session = start()
        return self._ready(self._session)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def check(self) -> str | None:
        """Somebody opens the first file, the middle one and the last one: that is what a list must say, of these."""
        opened = {self._paths[0], self._paths[len(self._paths) // 2], self._paths[-1]}
        try:
            self.open()()
            assert self._session is not None
            with ExitStack() as stack:
                for path in opened:
                    stack.enter_context(open(path, "rb"))
                answer = self._session.affected()
        finally:
            self.close()
        mine = [app for app in answer if app.process.pid == os.getpid()]
        # Where the system does not tell which files, it is known at least that there are some.
        found = {use.path for app in mine for use in app.uses or ()} if mine and mine[0].uses is not None else opened
        if not mine or found != opened:
            return f"missed {len(opened - found) if mine else len(opened)} of {len(opened)} files that are in use"
        return None
