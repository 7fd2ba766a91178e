# SPDX-License-Identifier: MIT
"""From `cancel()` to the end of the call that another thread is in, beside the bare wake-up of a thread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from contest import Hold
from holders import Load
from stand_in import StandIn

import rmcy
from rmcy.bench import Way, Work

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"


class Call:
    """A call in a thread of its own, that is ended from outside."""

    def __init__(self, call: Callable[[threading.Event], object], end: Callable[[], object]) -> None:
        self._call = call
        self._end = end
        self.raised: BaseException | None = None

    def begin(self) -> Work:
        under_way = threading.Event()
        self.raised = None
        self._thread = threading.Thread(target=self._run, args=(under_way,))
        self._thread.start()
        under_way.wait()
        return self._cancel

    def is_cancelled(self) -> str | None:
        self.begin()()
        return None if isinstance(self.raised, rmcy.OperationCancelledError) else f"it ended with {self.raised!r}"

    def is_woken(self) -> str | None:
        self.begin()()
        return None if self.raised is None else f"it ended with {self.raised!r}"

    def _run(self, under_way: threading.Event) -> None:
        try:
            self._call(under_way)
        except Exception as error:
            self.raised = error
        finally:
            under_way.set()

    def _cancel(self) -> None:
        self._end()
        self._thread.join()


@pytest.fixture
def stubborn() -> Iterator[rmcy.UniqueProcess]:
    """A program that does not end when it is asked to."""
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        yield rmcy.UniqueProcess.from_pid(program.pid)
        program.kill()


def bench_cancel(load: Load, stubborn: rmcy.UniqueProcess, stand_in: StandIn, hold: Hold) -> None:
    event = os.eventfd(0)

    def wait(under_way: threading.Event) -> None:
        under_way.set()
        os.eventfd_read(event)

    with stand_in.behind("engine"), rmcy.start() as session, rmcy.start() as lister:
        session.register(processes=[stubborn])
        lister.register(files=load.paths(1))

        def stop(under_way: threading.Event) -> None:
            session.shutdown(on_progress=lambda _: under_way.set())

        def ask(under_way: threading.Event) -> None:
            under_way.set()
            while True:  # a list is too short to be met by every cancellation
                lister.affected()

        def until_cancelled() -> None:
            while calls["a list"].raised is None:
                lister.cancel()

        calls = {
            "a stop": Call(stop, session.cancel),
            "a list": Call(ask, until_cancelled),
            "a thread that waits": Call(wait, lambda: os.eventfd_write(event, 1)),
        }
        ways = [
            Way(name, call.begin, call.is_woken if "thread" in name else call.is_cancelled)
            for name, call in calls.items()
        ]
        hold("cancel what is under way", "engine", 1, ways, calls=1, processes=load.processes)
    os.close(event)
