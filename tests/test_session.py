# SPDX-License-Identifier: MIT
"""Sessions of both roles: how they begin, what they may do, how they end."""

from __future__ import annotations

import copy
import math
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import rmcy

from fix_process import tells_uses, tells_what_others_registered
from fix_program import Program

STARTS = """
    import rmcy
    session = rmcy.start(label="other")
    print(str(session.key), flush=True)
"""
ROLES = ("session", "joined")


def labels() -> list[str]:
    return [info.label for info in rmcy.sessions()]


def test_start_gives_a_key_of_32_hexadecimal_digits(session: rmcy.PrimarySession) -> None:
    assert isinstance(session.key, str)
    assert len(session.key) == 32
    assert set(session.key) <= set("0123456789abcdef")


@pytest.mark.linux("Windows tells nobody which sessions there are")
def test_a_session_is_listed_while_it_lives() -> None:
    with rmcy.start(label="listed, é") as session:
        (info,) = [info for info in rmcy.sessions() if info.label == "listed, é"]
        assert info.owner == rmcy.UniqueProcess.from_pid(os.getpid())
        assert info.state is rmcy.SessionState.LIVE
        assert info.started.tzinfo is not None
        assert not session.closed
    assert "listed, é" not in labels()


@pytest.mark.parametrize("label", ["x" * 256, "é" * 128, "a\0b"])
def test_a_label_that_does_not_fit_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="label must have at most 255 bytes"):
        rmcy.start(label=label)


@pytest.mark.parametrize("label", [b"x", None, 5])
def test_a_label_that_is_no_text_is_refused(label: object) -> None:
    with pytest.raises(TypeError, match=r"label is .*, of type \w+: give a str"):
        rmcy.start(label=label)  # type: ignore[arg-type]


@pytest.mark.linux("Windows tells nobody which sessions there are")
def test_the_longest_label_is_kept() -> None:
    with rmcy.start(label="é" * 127):
        assert "é" * 127 in labels()


@pytest.mark.parametrize("role", ROLES)
def test_close_may_be_called_again(role: str, request: pytest.FixtureRequest) -> None:
    session = request.getfixturevalue(role)
    session.close()
    session.close()
    assert session.closed


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.register("/bin/sh"),
        lambda session: session.handle,
        lambda session: session.__enter__(),
        lambda session: session.affected(),
    ],
    ids=["register", "handle", "with", "affected"],
)
def test_a_closed_session_says_so(session: rmcy.PrimarySession, use: Callable[[rmcy.PrimarySession], object]) -> None:
    session.close()
    with pytest.raises(rmcy.SessionClosedError, match="the session is closed") as caught:
        use(session)
    assert caught.value.code == 6


def test_leaving_does_not_end_the_session(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    with (tmp_path / "one").open("w"):
        with rmcy.join(session.key) as joined:
            joined.register(tmp_path / "one")
        assert joined.closed
        assert [app.process.pid for app in session.affected()] == [os.getpid()]
    rmcy.join(session.key).close()


def test_the_key_joins_in_either_case(session: rmcy.PrimarySession) -> None:
    rmcy.join(session.key.upper()).close()


def test_join_takes_the_key_from_the_environment(session: rmcy.PrimarySession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rmcy.KEY_VARIABLE, str(session.key))
    with rmcy.join() as joined:
        assert joined.key == session.key


@pytest.mark.parametrize("value", [None, ""])
def test_join_without_any_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv(rmcy.KEY_VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(rmcy.KEY_VARIABLE, value)
    with pytest.raises(ValueError, match=r"RMCY_SESSION_KEY is not set: pass session\.key"):
        rmcy.join()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key[:-1] + "g",
        lambda key: key[:-1] + "é",
        lambda key: key[:-1] + "\ud800",
        lambda key: key + "\0",
        lambda key: key + "\0" * 9,
        lambda key: "",
        lambda key: "{" + key[:30] + "}",
        lambda key: key * 1000,
    ],
    ids=["31", "33", "not hex", "not ASCII", "surrogate", "NUL behind", "NULs behind", "empty", "braces", "32,000"],
)
def test_what_is_no_key_is_a_value_error_about_160(
    session: rmcy.PrimarySession, spoil: Callable[[str], str], tmp_path: Path
) -> None:
    session.register(tmp_path / "before")
    with pytest.raises(ValueError, match=r"prints 22 for ERROR_BAD_ARGUMENTS; winerror\.h says 160") as caught:
        rmcy.join(spoil(str(session.key)))
    assert isinstance(caught.value, rmcy.BadArgumentsError)
    assert (caught.value.code, caught.value.function) == (160, "RmJoinSession")
    assert session.key not in str(caught.value)
    assert session.affected().missing == (str(tmp_path / "before"),)


def test_a_key_that_is_no_str_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="a key is a str, not bytes"):
        rmcy.join(b"0" * 32)  # type: ignore[arg-type]


def refused(key: str) -> None:
    with pytest.raises(PermissionError, match="the key fits no session that this user may join") as caught:
        rmcy.join(key)
    assert isinstance(caught.value, rmcy.SessionAccessError)
    assert caught.value.code == 1219
    assert "started it died" in caught.value.advice
    assert "another user" in caught.value.advice
    assert key not in str(caught.value)


def test_an_unknown_key_is_refused() -> None:
    refused("0" * 32)


def test_the_key_of_an_ended_session_is_refused() -> None:
    with rmcy.start() as session:
        key = str(session.key)
    refused(key)


def test_the_key_of_a_dead_owner_is_refused(run_program: Callable[..., Program]) -> None:
    owner = run_program(STARTS)
    rmcy.join(owner.said).close()
    owner.kill()
    refused(owner.said)


@pytest.mark.linux("a Python of Windows cannot become another user")
def test_the_key_of_another_user_is_refused(root: None, private_store: Callable[..., str]) -> None:
    # Both ways: root may read the other's store and is refused all the same.
    private_store(
        """
        import os, sys, rmcy
        def refused(key):
            try:
                rmcy.join(key)
            except rmcy.SessionAccessError as error:
                assert error.code == 1219
            else:
                sys.exit("joined another user's session")
        ours = rmcy.start()
        to_parent, to_child = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            theirs = rmcy.start()
            os.write(to_parent[1], theirs.key.encode())
            key = os.read(to_child[0], 32).decode()
            try:
                refused(key)
            except BaseException as error:
                print(error, file=sys.stderr)
                os._exit(1)
            theirs.close()
            os._exit(0)
        refused(os.read(to_parent[0], 32).decode())
        os.write(to_child[1], ours.key.encode())
        assert os.waitpid(child, 0)[1] == 0
        ours.close()
        """
    )


def test_a_secondary_is_told_that_the_primary_ended(tmp_path: Path) -> None:
    with rmcy.start() as session:
        joined = rmcy.join(session.key)
        joined.register(tmp_path / "before")
    with joined, pytest.raises(rmcy.SessionEndedError, match="the session has ended") as caught:
        joined.register(tmp_path / "after")
    assert caught.value.code == 6


def test_a_secondary_is_told_that_the_primary_died(run_program: Callable[..., Program], tmp_path: Path) -> None:
    owner = run_program(STARTS)
    with rmcy.join(owner.said) as joined:
        owner.kill()
        with pytest.raises(rmcy.SessionEndedError, match="or the process that started it died"):
            joined.register(tmp_path / "after")


def test_what_a_secondary_process_registered_stays(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], run_program: Callable[..., Program]
) -> None:
    path, holder = held_file
    secondary = run_program(
        """
        import sys, rmcy
        with rmcy.join() as joined:
            joined.register(sys.argv[1])
        print("left", flush=True)
        """,
        str(path),
        env=session.child_env(),
    )
    assert secondary.said == "left"
    assert secondary.end() == 0
    (app,) = [app for app in session.affected() if app.process.pid == holder.pid]
    assert tells_uses(app, str(path))


def test_200_secondaries_at_once(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    joined = [rmcy.join(session.key) for _ in range(200)]
    for number, one in enumerate(joined):
        one.register(tmp_path / str(number))
    for one in joined:
        one.close()
    if tells_what_others_registered:
        assert sorted(session.affected().missing) == sorted(str(tmp_path / str(number)) for number in range(200))
    for number in (0, 100, 199):
        with (tmp_path / str(number)).open("w"):
            assert [app.process.pid for app in session.affected()] == [os.getpid()]


def test_a_secondary_has_no_more_than_it_may_do(joined: rmcy.JoinedSession) -> None:
    public = {name for name in dir(joined) if not name.startswith("_")}
    assert public == {"child_env", "close", "closed", "handle", "key", "register"}
    assert isinstance(joined, rmcy.Session)


def test_both_roles_are_sessions(session: rmcy.PrimarySession, joined: rmcy.JoinedSession) -> None:
    assert isinstance(session, rmcy.Session)
    assert isinstance(joined, rmcy.Session)
    assert isinstance(session.handle, int)
    assert session.handle != joined.handle


def test_an_environment_in_a_log_does_not_show_the_key(session: rmcy.PrimarySession) -> None:
    assert str(session.key) not in repr(session.child_env({"A": "b"}))


def test_child_env_adds_the_key_to_a_copy(session: rmcy.PrimarySession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RMCY_TEST", "1")
    base = {"A": "b"}
    assert session.child_env(base) == {"A": "b", "RMCY_SESSION_KEY": str(session.key)}
    assert base == {"A": "b"}
    environment = session.child_env()
    assert environment["RMCY_TEST"] == "1"
    assert isinstance(environment["RMCY_SESSION_KEY"], str)
    assert "RMCY_SESSION_KEY" not in os.environ


def test_the_key_is_not_shown(session: rmcy.PrimarySession, joined: rmcy.JoinedSession) -> None:
    key = str(session.key)
    assert str(session.key) == f"{session.key}" == key
    assert key not in repr(session.key)
    assert key not in repr([session.key])
    assert key not in repr(session) + repr(joined)
    if tells_what_others_registered:
        assert key not in str(rmcy.sessions())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_sessions_refuse_to_be_copied(
    role: str, way: Callable[[object], object], request: pytest.FixtureRequest
) -> None:
    with pytest.raises(TypeError, match=r"Send session\.key, and call rmcy\.join"):
        way(request.getfixturevalue(role))


def test_sessions_are_made_by_start_and_join_only() -> None:
    for kind in (rmcy.PrimarySession, rmcy.JoinedSession):
        with pytest.raises(TypeError, match=r"rmcy\.start\(\) makes a PrimarySession"):
            kind()


def test_a_forgotten_session_warns_and_ends() -> None:
    sessions = [rmcy.start(label="forgotten")]
    key = str(sessions[0].key)
    with pytest.warns(ResourceWarning, match=r"unclosed <rmcy\.PrimarySession"):
        sessions.clear()
    refused(key)


def test_the_body_s_exception_comes_out_of_a_with_block() -> None:
    with pytest.raises(KeyError, match="body"), rmcy.start() as session:
        raise KeyError("body")
    assert session.closed


@pytest.mark.parametrize("timeout", [-1, -0.001, math.nan, -math.inf])
@pytest.mark.parametrize(
    "call",
    [
        lambda timeout: rmcy.start(timeout=timeout),
        lambda timeout: rmcy.join("0" * 32, timeout=timeout),
        lambda timeout: rmcy.who("/bin/sh", timeout=timeout),
        lambda timeout: rmcy.sessions(timeout=timeout),
    ],
    ids=["start", "join", "who", "sessions"],
)
def test_a_timeout_that_is_no_duration_is_refused(call: Callable[[float], object], timeout: float) -> None:
    with pytest.raises(ValueError, match="seconds cannot be negative"):
        call(timeout)


def test_a_timeout_that_is_no_number_is_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(TypeError, match="give seconds"):
        session.affected(timeout="5")  # type: ignore[arg-type]


def test_a_truth_value_is_not_a_time_out() -> None:
    with pytest.raises(TypeError, match="timeout is True, of type bool: give seconds"):
        rmcy.start(timeout=True)


@pytest.mark.parametrize("value", ["no", 1, None])
@pytest.mark.parametrize("name", ["force", "only_registered", "partial_ok"])
def test_a_switch_is_true_or_false_and_nothing_is_done_for_another(
    session: rmcy.PrimarySession, name: str, value: object
) -> None:
    with pytest.raises(TypeError, match=f"{name} is {value!r}, of type .*: give True or False"):
        session.shutdown(**{name: value})  # type: ignore[arg-type]
    with pytest.raises(rmcy.RestartManagerError) as nothing:
        session.restart()
    assert nothing.value.code == 776


@pytest.mark.parametrize("name", ["force", "only_registered"])
def test_a_plans_switches_are_true_or_false(session: rmcy.PrimarySession, name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} is 'no', of type str: give True or False"):
        session.plan(**{name: "no"})  # type: ignore[arg-type]


def test_to_forget_is_said_by_true_or_false() -> None:
    with pytest.raises(TypeError, match="forget is 'no', of type str: give True or False"):
        rmcy.recover(forget="no")  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [0, 10, 0.5, math.inf, 1e300])
def test_every_duration_is_taken(timeout: float) -> None:
    with rmcy.start(timeout=timeout) as session, rmcy.join(session.key, timeout=timeout) as joined:
        assert not joined.closed


def test_a_bad_scope_is_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(ValueError, match='use "all" or "mine"'):
        session.affected(scope="others")  # type: ignore[arg-type]
