# SPDX-License-Identifier: MIT
"""A forked child has its parent's objects and none of its sessions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy
import rmcy.bulk

from fix_fork import in_child

pytestmark = pytest.mark.linux("Windows does not fork")


USES: dict[str, Callable[[rmcy.PrimarySession], object]] = {
    "register": lambda session: session.register("/bin/sh"),
    "affected": lambda session: session.affected(),
    "handle": lambda session: session.handle,
    "with": lambda session: session.__enter__(),
}


@pytest.mark.parametrize("use", USES)
def test_every_use_in_a_child_names_the_fork(session: rmcy.PrimarySession, use: str) -> None:
    def child() -> None:
        with pytest.raises(rmcy.SessionForkedError, match="not to its child after a fork") as caught:
            USES[use](session)
        assert caught.value.code == 6
        assert "pass session.key to rmcy.join()" in caught.value.advice

    in_child(child)


@pytest.mark.parametrize("role", ["session", "joined"])
def test_close_in_a_child_does_nothing(
    session: rmcy.PrimarySession, role: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    used = request.getfixturevalue(role)
    used.register(tmp_path / "before")

    def child() -> None:
        used.close()
        assert used.closed

    in_child(child)
    assert not used.closed
    used.register(tmp_path / "after")
    assert session.affected().missing == (str(tmp_path / "before"), str(tmp_path / "after"))


def test_a_child_that_ends_does_not_end_the_session(tmp_path: Path) -> None:
    sessions = [rmcy.start(label="forked")]

    def child() -> None:
        # The finaliser runs in the child: no warning, nothing ends.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sessions.clear()

    in_child(child)
    with sessions[0] as session:
        session.register(tmp_path / "after")
        assert "forked" in [info.label for info in rmcy.sessions()]


def test_what_was_joined_in_one_call_is_the_parent_s(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    results = [rmcy.bulk.join([session.key] * 3)]

    def child() -> None:
        results[0].close()
        assert all(one is not None and one.closed for one in results[0].sessions)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results.clear()

    in_child(child)
    with results[0] as result:
        for one in result.sessions:
            assert one is not None
            one.register(tmp_path / "after")
    assert session.affected().missing == (str(tmp_path / "after"),) * 3


def test_a_child_joins_by_the_key(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    def child() -> None:
        with rmcy.join(session.key) as joined:
            joined.register(tmp_path / "by the child")

    in_child(child)
    assert session.affected().missing == (str(tmp_path / "by the child"),)


def test_a_child_has_sessions_of_its_own(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    def child() -> None:
        with rmcy.start(label="the child's") as own:
            own.register(tmp_path / "own")
            assert own.affected().missing == (str(tmp_path / "own"),)
            with pytest.raises(rmcy.SessionForkedError):
                session.register(tmp_path)
        assert rmcy.who(tmp_path / "x").missing == (str(tmp_path / "x"),)

    in_child(child)
    assert session.affected().missing == ()
