# SPDX-License-Identifier: MIT
"""A question to whoever sits at the terminal. Without a terminal nothing is asked."""

from __future__ import annotations

import sys


def can_ask() -> bool:
    """Whether there is somebody who can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> bool:
    """Ask on standard error; nothing but yes is yes."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        # The end of the input: the cursor is still behind the question.
        print(file=sys.stderr)
    return answer.strip().lower() in {"y", "yes"}
