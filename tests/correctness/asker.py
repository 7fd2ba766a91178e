# SPDX-License-Identifier: MIT
"""Programs that ask rmcy, one for each way of asking, kept as long as they are of use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from correctness.lab import HERE
from correctness.ways import Way

Answer = dict[str, Any]  # rmcy.affected/1, or an error


class Asker:
    def __init__(self, prefix: tuple[str, ...]):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, str(HERE / "ask.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONSAFEPATH": "1"},
        )

    def _ask(self, request: dict[str, object]) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(request), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the asking program ended with {self.process.wait()}")
        answer: Answer = json.loads(line)
        return answer

    def register(self, files: list[Path]) -> None:
        answer = self._ask({"register": [str(file) for file in files]})
        if answer:
            raise RuntimeError(f"registering failed: {answer}")

    def list(self) -> Answer:
        return self._ask({"list": True})

    def forget(self) -> None:
        """End the session: a user has 64 of them."""
        self._ask({})

    def close(self) -> None:
        self.process.communicate()


class Askers:
    """Asking programs by way; those with a prefix of their own end with their case."""

    def __init__(self) -> None:
        self._by_way: dict[Way, Asker] = {}

    def get(self, way: Way, prefix: tuple[str, ...], case: ExitStack) -> Asker:
        if prefix:
            asker = Asker((*prefix, *way.prefix))
            case.callback(asker.close)
            return asker
        if way not in self._by_way:
            self._by_way[way] = Asker(way.prefix)
        return self._by_way[way]

    def close(self) -> None:
        for asker in self._by_way.values():
            asker.close()
        self._by_way.clear()
