# SPDX-License-Identifier: MIT
"""Joining and registering many times in one call."""

from __future__ import annotations

import _thread
import os
import pickle
import signal
import threading
import warnings
from pathlib import Path

import pytest

import rmcy
import rmcy.bulk

from fix_process import ON_WINDOWS, tells_what_others_registered

OTHER = "0" * 32
TOO_LONG = "/" + "x" * 40_000


def has_secondaries(session: rmcy.PrimarySession, expected: int) -> bool:
    """Whether so many processes are joined: 0 or 1 here, since nobody else has the key. Windows tells nobody.

    It counts as long as nothing is registered.
    """
    if ON_WINDOWS:
        return True
    owner = rmcy.UniqueProcess.from_pid(os.getpid())
    return sum(info.secondaries for info in rmcy.sessions() if info.owner == owner) == expected


def listed(session: rmcy.PrimarySession, path: Path) -> bool:
    """Whether a file that somebody registered is in the session: by this process, which opens it."""
    before = len(session.affected())
    with path.open("w"):
        return before == 0 and [app.process.pid for app in session.affected()] == [os.getpid()]


def test_thousands_join_in_one_call(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    with rmcy.bulk.join([session.key] * 2_000) as result:
        assert len(result.sessions) == 2_000
        assert list(result.codes) == [0] * 2_000
        assert (result.codes.format, result.codes.readonly) == ("I", True)
        result.raise_for_errors()
        assert result.sessions[1_999] is not None
        assert has_secondaries(session, 1)
        assert result.sessions[1_999].register(tmp_path / "x").files == 1
        assert repr(result) == "<rmcy.bulk.Joined of 2000, 0 failed>"
    assert all(one is not None and one.closed for one in result.sessions)
    assert listed(session, tmp_path / "x")


def test_bad_keys_take_nothing_from_the_others(session: rmcy.PrimarySession) -> None:
    keys = [str(session.key)] * 300
    bad = {0: ("", 160), 7: (OTHER, 1219), 8: ("é" * 32, 160), 9: (keys[0] + "0", 160), 299: ("\0" * 32, 160)}
    for index, (key, _) in bad.items():
        keys[index] = key
    with rmcy.bulk.join(keys) as result:
        assert {n: code for n, code in enumerate(result.codes) if code} == {n: code for n, (_, code) in bad.items()}
        assert [n for n, one in enumerate(result.sessions) if one is None] == sorted(bad)
        with pytest.raises(ExceptionGroup, match="5 of 300 joins failed") as caught:
            result.raise_for_errors()
        errors = [error for error in caught.value.exceptions if isinstance(error, rmcy.RestartManagerError)]
        assert {error.index: error.code for error in errors} == {n: code for n, (_, code) in bad.items()}
        assert errors[1].__notes__ == ["index 7"]
        assert isinstance(errors[1], rmcy.SessionAccessError)
        assert pickle.loads(pickle.dumps(errors[1])).index == 7
        assert session.key not in str(errors)


def test_every_thread_is_given_the_same_sessions(session: rmcy.PrimarySession) -> None:
    seen: list[tuple[rmcy.JoinedSession | None, ...]] = []
    all_are_there = threading.Barrier(8)
    with rmcy.bulk.join([session.key] * 500) as result:

        def ask() -> None:
            all_are_there.wait()
            seen.append(result.sessions)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 8
        assert all(one is other for given in seen for one, other in zip(given, seen[0], strict=True))
        assert not any(one is None or one.closed for one in seen[0])
    assert all(one is not None and one.closed for one in seen[0])
    assert has_secondaries(session, 0)


def test_sessions_that_are_asked_for_afterwards_are_closed(session: rmcy.PrimarySession) -> None:
    with rmcy.bulk.join([session.key, OTHER]) as result:
        pass
    (left, none) = result.sessions
    assert none is None
    assert left is not None
    assert left.closed
    assert left.key == session.key
    with pytest.raises(rmcy.SessionClosedError):
        left.register("/bin/sh")
    result.close()


def test_sessions_that_nobody_asked_for_are_told_of_and_left(session: rmcy.PrimarySession) -> None:
    result = rmcy.bulk.join([session.key, OTHER, session.key])
    with pytest.warns(ResourceWarning, match=r"unclosed: 2 sessions of rmcy\.bulk\.join") as told:
        del result
    assert has_secondaries(session, 0)
    # Who records the warning has what it is about.
    (warning,) = told
    assert isinstance(warning, warnings.WarningMessage)
    assert warning.source is not None
    assert [one is None or one.closed for one in warning.source.sessions()] == [True] * 3


def test_codes_do_not_keep_the_sessions(session: rmcy.PrimarySession) -> None:
    with pytest.warns(ResourceWarning, match="unclosed: 1 session"):
        codes = rmcy.bulk.join([session.key, OTHER]).codes
    assert list(codes) == [0, 1219]
    assert has_secondaries(session, 0)


def test_the_primary_may_end_first() -> None:
    with rmcy.start() as primary:
        result = rmcy.bulk.join([primary.key] * 3)
    result.close()
    assert [one is not None and one.closed for one in result.sessions] == [True] * 3


def test_a_key_may_be_a_str_of_another_class(session: rmcy.PrimarySession) -> None:
    with rmcy.bulk.join([session.key, str(session.key), session.key.upper()]) as result:
        result.raise_for_errors()
        assert {one.key for one in result.sessions if one} == {session.key, session.key.upper()}


def test_what_is_no_key_is_a_type_error_before_anything(session: rmcy.PrimarySession) -> None:
    with pytest.raises(TypeError, match=r"keys\[2\] is of type bytes: a key is a str"):
        rmcy.bulk.join([session.key, session.key, session.key.encode()])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="keys is a lone text"):
        rmcy.bulk.join(session.key)
    assert has_secondaries(session, 0)


def test_no_keys_are_no_sessions() -> None:
    with rmcy.bulk.join([]) as result:
        assert (result.sessions, len(result.codes), dict(result.errors)) == ((), 0, {})
        result.raise_for_errors()


def test_the_body_s_exception_comes_out_and_all_are_left(session: rmcy.PrimarySession) -> None:
    result = rmcy.bulk.join([session.key] * 10)
    with pytest.raises(KeyError), result:
        raise KeyError
    assert all(one is not None and one.closed for one in result.sessions)


def test_ctrl_c_leaves_nothing_joined(session: rmcy.PrimarySession) -> None:
    came = []

    def interrupt(number: int, frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    # Windows has no signal that a thread could send: there Python is told that Ctrl-C came.
    number = signal.SIGINT if ON_WINDOWS else signal.SIGUSR1
    old = signal.signal(number, interrupt)
    main = threading.main_thread().ident
    assert main is not None
    begun = threading.Event()

    class Keys(list[str]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            begun.set()
            return super().__iter__()

    def send() -> None:
        begun.wait()
        if ON_WINDOWS:
            _thread.interrupt_main()
        else:
            signal.pthread_kill(main, number)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            # Far more than can be joined before the signal comes.
            rmcy.bulk.join(Keys([session.key] * 60_000))
    finally:
        sender.join()
        signal.signal(number, old)
    assert came
    assert has_secondaries(session, 0)


def test_many_lists_in_one_call(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    with rmcy.join(session.key) as joined:
        pairs = [(joined, [str(tmp_path / f"m{n}")]) for n in range(500)]
        pairs += [(joined, rmcy.PathList([str(tmp_path / "one")]))] * 2
        with rmcy.bulk.register(pairs) as result:
            result.raise_for_errors()
            assert set(result.codes) == {0}
            assert result.registered[3] == rmcy.Registered(files=1, missing=(str(tmp_path / "m3"),))
            assert result.registered[500] == rmcy.Registered(files=1)
            assert set(result.sessions) == {joined}
        # It was given, so it is not the result's to close.
        assert not joined.closed
    assert len(session.affected().missing) == (500 if tells_what_others_registered else 0)
    assert listed(session, tmp_path / "m499")
    assert listed(session, tmp_path / "one")


def test_one_bad_list_takes_nothing_from_the_others(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    ended = rmcy.join(session.key)
    ended.close()
    pairs = [
        (session, [str(tmp_path / "a"), "b\0"]),
        (session, [str(tmp_path / "c"), str(tmp_path)]),
        (session, [str(tmp_path / "d"), TOO_LONG]),
        (ended, [str(tmp_path / "e")]),
        (OTHER, [str(tmp_path / "f")]),
        (session.key, [str(tmp_path / "g")]),
        (session.key, [str(tmp_path / "h")]),
        (session, [str(tmp_path / "i")]),
    ]
    with rmcy.bulk.register(pairs) as result:
        assert list(result.codes) == [160, 267, 160, 6, 1219, 0, 0, 0]
        assert [None if one is None else one.files for one in result.registered] == [None] * 5 + [1, 1, 1]
        with pytest.raises(ExceptionGroup, match="5 of 8 registrations failed"):
            result.raise_for_errors()
        texts = {n: str(error) for n, error in result.errors.items()}
        assert sorted(texts) == [0, 1, 2, 3, 4]
        assert r"files[1] is 'b\x00', with a NUL" in texts[0]
        assert "files[1] is a directory" in texts[1]
        assert "files[1] is longer than the system takes" in texts[2]
        assert isinstance(result.errors[3], rmcy.SessionClosedError)
        assert result.sessions[5] is result.sessions[6]
        assert result.sessions[4] is None
        mine = result.sessions[5]
    assert mine is not None
    assert mine.closed
    assert not session.closed
    known = "ghi" if tells_what_others_registered else "i"
    assert sorted(session.affected().missing) == [str(tmp_path / name) for name in known]
    assert all(listed(session, tmp_path / name) for name in "ghi")


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (5, r"pairs\[1\] is of type int"),
        ((5, "/x"), r"pairs\[1\]\[0\] is of type int: give a session, or its key"),
        (("k", 5), r"pairs\[1\]\[1\] is 5, of type int"),
    ],
)
def test_what_is_no_pair_is_a_type_error_before_anything(
    session: rmcy.PrimarySession, tmp_path: Path, pair: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        rmcy.bulk.register([(session, tmp_path / "a"), pair])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"files\[0\] is 5"):
        rmcy.bulk.register([(session, tmp_path / "a"), (session, [5])])  # type: ignore[list-item]
    assert session.affected().missing == ()


def test_directories_as_in_a_session(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    with rmcy.bulk.register([(session, [tmp_path])], directories="skip") as result:
        assert result.registered == (rmcy.Registered(skipped=(str(tmp_path),)),)
    with rmcy.bulk.register([(session, tmp_path)], directories="expand") as result:
        assert result.registered == (rmcy.Registered(files=1),)
    with pytest.raises(ValueError, match='use "refuse"'):
        rmcy.bulk.register([], directories="ignore")  # type: ignore[arg-type]


def test_many_threads_join_and_register(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    files = rmcy.PathList([str(tmp_path / f"{n}") for n in range(20)])
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            with rmcy.bulk.join([session.key] * 50) as joined:
                joined.raise_for_errors()
                with rmcy.bulk.register([(one, files) for one in joined.sessions if one]) as result:
                    result.raise_for_errors()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    if tells_what_others_registered:
        assert set(session.affected().missing) == set(files)
    assert listed(session, tmp_path / "19")
