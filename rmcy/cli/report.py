# SPDX-License-Identifier: MIT
"""The report of `rmcy run`: a JSON file that is made before anything is stopped, and written whatever happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rmcy.cli.answer import note


class Report:
    """Writes what it was given last when its block ends; without a path it does nothing."""

    def __init__(self, path: str | None) -> None:
        # Now: after the programs were stopped is too late to learn that it cannot be written.
        self._file = open(path, "w", encoding="ascii") if path is not None else None  # noqa: SIM115
        self.data: Mapping[str, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            with self._file:
                json.dump(self.data, self._file, indent=2)
                self._file.write("\n")
        except OSError as failed:
            # What was to be done has been done, and its status says so.
            note(f"the report could not be written: {failed}.")
