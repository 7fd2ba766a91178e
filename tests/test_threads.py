# SPDX-License-Identifier: MIT
"""One session, 32 threads: nothing is lost, nobody waits for ever, the one who closes is right."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy

from fix_process import tells_what_others_registered
from fix_program import Program

THREADS = 32


def together(work: Callable[[int], object]) -> list[object]:
    """Run it in 32 threads that begin at once; give what each returned, or the exception that it raised."""
    barrier = threading.Barrier(THREADS)
    results: list[object] = [None] * THREADS

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("role", ["session", "joined"])
def test_32_threads_register_in_one_session(
    session: rmcy.PrimarySession, role: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    used = request.getfixturevalue(role)

    def register(number: int) -> int:
        return sum(used.register([tmp_path / f"{number}-{n}" for n in range(20)]).files for _ in range(1))

    assert together(register) == [20] * THREADS
    wanted = {str(tmp_path / f"{number}-{n}") for number in range(THREADS) for n in range(20)}
    if role == "session" or tells_what_others_registered:
        assert set(session.affected(scope="mine").missing) == wanted
    with (tmp_path / f"{THREADS - 1}-19").open("w"):
        assert [app.process.pid for app in session.affected(scope="mine")] == [os.getpid()]


def test_32_threads_join_register_and_leave(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    def secondary(number: int) -> int:
        with rmcy.join(session.key) as joined:
            return joined.register(tmp_path / str(number)).files

    assert together(secondary) == [1] * THREADS
    if tells_what_others_registered:
        assert len(session.affected(scope="mine").missing) == THREADS
    with (tmp_path / str(THREADS - 1)).open("w"):
        assert [app.process.pid for app in session.affected(scope="mine")] == [os.getpid()]


def test_32_threads_list_at_once(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    session.register(path)
    assert together(lambda _: [app.process.pid for app in session.affected()]) == [[holder.pid]] * THREADS


def test_32_threads_close_one_session() -> None:
    with rmcy.start() as session:
        key = str(session.key)
        assert together(lambda _: session.close()) == [None] * THREADS
        assert session.closed
    with pytest.raises(rmcy.SessionAccessError):
        rmcy.join(key)


def test_who_closes_while_others_work_ends_the_session(tmp_path: Path) -> None:
    session = rmcy.start()
    key = str(session.key)

    def work(number: int) -> object:
        if number == 0:
            return session.close()
        for n in range(50):
            session.register(tmp_path / f"{number}-{n}")
            session.affected(scope="mine")
        return "done"

    results = together(work)
    assert results[0] is None
    # Each of the others either finished or was told that the session is closed; nothing else.
    assert all(result == "done" or type(result) is rmcy.SessionClosedError for result in results[1:]), results
    assert session.closed
    with pytest.raises(rmcy.SessionAccessError):
        rmcy.join(key)


def test_each_thread_gets_its_own_answer(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(THREADS)]
    answers = together(lambda number: rmcy.who(paths[number]).missing)
    assert answers == [(str(path),) for path in paths]
