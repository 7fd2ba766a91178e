# SPDX-License-Identifier: MIT
"""The time that a run may take altogether."""

from __future__ import annotations

import time


class Deadline:
    """Counts from its making; without seconds it never passes."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """Seconds that are left, for a timeout= that takes None for its default."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end
