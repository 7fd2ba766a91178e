# SPDX-License-Identifier: MIT
"""Time-outs as callers give them."""

from __future__ import annotations

import math

__all__: list[str] = []

STORE_TIMEOUT = 10.0
LIST_TIMEOUT = 60.0


def seconds(timeout: float | None, default: float, what: str = "timeout") -> float:
    """The seconds that a call may take: a number that is not negative, or the default for None."""
    if timeout is None:
        return default
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"{what} is {timeout!r}, of type {type(timeout).__name__}: give seconds")
    if math.isnan(timeout) or timeout < 0:
        raise ValueError(f"{what} is {timeout!r}: seconds cannot be negative")
    return float(timeout)
