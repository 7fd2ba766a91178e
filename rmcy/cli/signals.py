# SPDX-License-Identifier: MIT
"""What the signals that end a program do to rmcy: they wait their turn, or they end it after it has cleaned up."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


def available(*names: str) -> tuple[signal.Signals, ...]:
    """Those of the signals that the system has."""
    return tuple(number for number in signal.Signals if number.name in names)


ENDING = available("SIGTERM", "SIGHUP")
FROM_KEYBOARD = available("SIGINT", "SIGQUIT", "SIGBREAK")


@contextmanager
def handled(numbers: Iterable[signal.Signals], handler: Handler) -> Generator[None, None, None]:
    """Have the signals handled while the block runs; those that are ignored (nohup) stay ignored."""
    before = {number: signal.getsignal(number) for number in numbers}
    taken = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in taken.items():
            signal.signal(number, old)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


@contextmanager
def ended_by_signals() -> Generator[None, None, None]:
    """Turn the signals that end a program into an exception, so that the clean-up is done."""
    with handled(ENDING, _end):
        yield
