# SPDX-License-Identifier: MIT
"""Switches as callers give them."""

from __future__ import annotations

__all__: list[str] = []


def switch(value: bool, what: str) -> bool:
    """True or False and nothing else: what is true by accident, such as force="no", must stop no program."""
    if not isinstance(value, bool):
        raise TypeError(f"{what} is {value!r}, of type {type(value).__name__}: give True or False")
    return value
