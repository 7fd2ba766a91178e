# SPDX-License-Identifier: MIT
"""What register() takes, what it refuses, and that a refusal loses nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rmcy

from fix_platform import for_linux
from fix_process import tells_uses
from fix_program import HOLDER, Program


def stored(session: rmcy.PrimarySession) -> tuple[str, ...]:
    """The names that a test registered, none of which exists."""
    return session.affected(scope="mine").missing


def test_files_of_every_kind_are_taken(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    class PathLikeBytes:
        def __fspath__(self) -> bytes:
            return os.fsencode(tmp_path / "d")

    class Text(str):
        pass

    registered = session.register(
        [str(tmp_path / "a"), os.fsencode(tmp_path / "b"), tmp_path / "c", PathLikeBytes(), Text(tmp_path / "e")]
    )
    names = tuple(str(tmp_path / name) for name in "abcde")
    assert registered == rmcy.Registered(files=5, missing=names)
    assert stored(session) == names


@pytest.mark.parametrize("kind", [list, tuple, set, iter, dict.fromkeys, lambda paths: (path for path in paths)])
def test_every_iterable_is_taken(
    session: rmcy.PrimarySession, tmp_path: Path, kind: Callable[[list[Path]], Iterator[Path]]
) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    assert session.register(kind(paths)).files == 2
    assert sorted(stored(session)) == [str(path) for path in paths]


@pytest.mark.parametrize("one", [str, os.fsencode, Path], ids=["str", "bytes", "PathLike"])
def test_a_lone_path_is_one_entry(
    session: rmcy.PrimarySession, tmp_path: Path, one: Callable[[Path], str | bytes | Path]
) -> None:
    assert session.register(one(tmp_path / "missing")).files == 1
    assert stored(session) == (str(tmp_path / "missing"),)


def test_a_lone_service_name_is_one_entry(session: rmcy.PrimarySession) -> None:
    assert session.register(services="cron.service") == rmcy.Registered(services=1)
    assert session.register(services=["cron.service", "nginx.service"]).services == 2


def test_nothing_to_register_is_no_error(session: rmcy.PrimarySession) -> None:
    assert session.register() == rmcy.Registered()
    assert session.register([], [], []) == rmcy.Registered()


def test_processes_of_every_kind_are_taken(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    process = rmcy.UniqueProcess.from_pid(holder.pid)
    (app,) = [app for app in rmcy.who(path) if app.process == process]
    assert session.register(processes=[process, app, (process.pid, process.start_time)]).processes == 3
    for lone in (process, app, (process.pid, process.start_time)):
        assert session.register(processes=lone).processes == 1
    (listed,) = session.affected()
    assert listed.process == process
    assert tells_uses(listed)


def test_a_process_with_another_start_time_is_not_meant(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program]
) -> None:
    process = rmcy.UniqueProcess.from_pid(held_file[1].pid)
    session.register(processes=[(process.pid, process.start_time + 100_000)])
    assert len(session.affected()) == 0


BAD_FILES = {
    "empty": ("", "files[1] is an empty string"),
    "empty bytes": (b"", "files[1] is an empty string"),
    "NUL": ("a\0b", "files[1] is 'a\\x00b', with a NUL character"),
    "NUL at the end": ("a\0", "files[1] is 'a\\x00', with a NUL character"),
    "NUL in bytes": (b"a\0b", "files[1] is 'a\\x00b', with a NUL character"),
    "NUL in UCS-2": ("ž\0b", "with a NUL character"),
    "NUL in UCS-4": ("\U0001f600\0b", "with a NUL character"),
    "high surrogate": ("a\ud800b", "files[1] is 'a\\ud800b', with an unpaired surrogate"),
    "high surrogate, UCS-4": ("\U0001f600\udbff", "with an unpaired surrogate"),
    "two that look like a pair": ("\ud83d\ude00", "with an unpaired surrogate"),
    "low, but no byte": ("\udc7f", "with an unpaired surrogate"),
    "low, above bytes": ("\udd00", "with an unpaired surrogate"),
    "40,000 characters": ("/" + "x" * 39_999, "files[1] is longer than the system takes: '/xxx"),
    "4,096 bytes": ("/" + "é" * 2048, "files[1] is longer than the system takes"),
}
AT_MOST_4096 = pytest.param("4,096 bytes", marks=pytest.mark.linux("names of Windows may be longer"))


SURROGATES = [name for name, (_, message) in BAD_FILES.items() if "surrogate" in message]
LONE = "a lone surrogate may stand in a name of Windows"


@pytest.mark.parametrize(
    "name",
    [*for_linux([name for name in BAD_FILES if name != "4,096 bytes"], SURROGATES, LONE), AT_MOST_4096],
)
@pytest.mark.parametrize("role", ["session", "joined"])
def test_a_bad_path_is_named_and_nothing_is_lost(
    session: rmcy.PrimarySession, tmp_path: Path, name: str, role: str, request: pytest.FixtureRequest
) -> None:
    path, message = BAD_FILES[name]
    session.register(tmp_path / "before")
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is checked below, as it stands
        request.getfixturevalue(role).register([tmp_path / "beside", path, tmp_path / "behind"])
    assert isinstance(caught.value, rmcy.BadArgumentsError)
    assert str(caught.value).startswith("nothing was registered: ")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400
    assert stored(session) == (str(tmp_path / "before"),)


@pytest.mark.parametrize("entry", [5, None, 1.5, object(), ["/bin/sh"], bytearray(b"/bin/sh")])
def test_what_is_no_path_is_a_type_error_with_its_index(
    session: rmcy.PrimarySession, tmp_path: Path, entry: object
) -> None:
    with pytest.raises(TypeError, match=r"files\[1\] is .*: a path is a str, bytes or os\.PathLike"):
        session.register([tmp_path / "a", entry])  # type: ignore[list-item]
    assert stored(session) == ()


@pytest.mark.parametrize("files", [5, None, 1.5, bytearray(b"/bin/sh"), memoryview(b"/bin/sh")])
def test_what_is_no_list_of_paths_is_a_type_error(session: rmcy.PrimarySession, files: object) -> None:
    with pytest.raises(TypeError, match=r"^files is "):
        session.register(files)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("processes", "message"),
    [
        (4711, "give a UniqueProcess"),
        ("4711", "give a UniqueProcess"),
        ([4711], r"processes\[0\] is 4711, of type int: .*from_pid"),
        ([(1, 2, 3)], r"processes\[0\] is \(1, 2, 3\)"),
        ([(1, "2")], r"processes\[0\]: start_time must be an int, not str"),
        ([(1.0, 2)], r"processes\[0\]: pid must be an int, not float"),
    ],
)
def test_what_is_no_process_is_a_type_error(session: rmcy.PrimarySession, processes: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        session.register(processes=processes)  # type: ignore[arg-type]


def test_a_record_without_a_process_is_refused(session: rmcy.PrimarySession) -> None:
    with pytest.raises(TypeError, match=r"processes\[0\] is AffectedApp\(None"):
        session.register(processes=rmcy.AffectedApp.__new__(rmcy.AffectedApp))


@pytest.mark.parametrize("pids", [[1, 2], iter([1, 2])], ids=["list", "iterator"])
def test_two_pids_are_not_taken_for_one_process(session: rmcy.PrimarySession, pids: Any) -> None:
    with pytest.raises(TypeError, match=r"processes\[0\] is 1, of type int: .*from_pid\(\) looks the start time up"):
        session.register(processes=pids)


@pytest.mark.parametrize("pair", [(-1, 0), (2**32, 0), (1, -1), (1, 2**64)])
def test_a_process_out_of_range_is_a_value_error(session: rmcy.PrimarySession, pair: tuple[int, int]) -> None:
    with pytest.raises(rmcy.BadArgumentsError, match=r"processes\[1\]: (pid|start_time) must be between 0 and"):
        session.register(processes=[(1, 1), pair])


@pytest.mark.parametrize(
    ("services", "kind", "message"),
    [
        (5, TypeError, "services is 5"),
        (b"cron.service", TypeError, "services is b'cron"),
        (["a.service", b"cron.service"], TypeError, r"services\[1\] is b'cron"),
        (["a.service", Path("cron.service")], TypeError, r"services\[1\] is .*a service is named by a str"),
        (["a.service", ""], ValueError, r"services\[1\] is an empty string"),
        (["a.service", "b\0"], ValueError, r"services\[1\] is 'b\\x00', with a NUL"),
        (["a.service", "x" * 40_000], ValueError, r"services\[1\] is longer than the system takes"),
    ],
)
def test_what_is_no_service_is_refused(
    session: rmcy.PrimarySession, services: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        session.register(services=services)  # type: ignore[arg-type]


def test_one_bad_list_stops_the_others(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        session.register([tmp_path / "a"], services=[5])  # type: ignore[list-item]
    assert stored(session) == ()


def test_relative_paths_are_resolved_when_registered(  # ours
    session: rmcy.PrimarySession, held_file: tuple[Path, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, holder = held_file
    monkeypatch.chdir(path.parent)
    session.register(path.name)
    monkeypatch.chdir("/")
    assert [app.process.pid for app in session.affected()] == [holder.pid]


@pytest.mark.linux("names are text on Windows, not bytes")
def test_names_that_are_not_utf8_find_their_file(
    session: rmcy.PrimarySession, tmp_path: Path, run_program: Callable[..., Program]
) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9 \xf0\x9f\x98\x80"
    with open(name, "wb"):
        pass
    holder = run_program(HOLDER, os.fsdecode(name))
    for form in (name, os.fsdecode(name)):
        (app,) = rmcy.who(form)
        assert app.process.pid == holder.pid
        assert app.uses is not None
        assert os.fsencode(app.uses[0].path) == name


def test_a_list_that_changes_under_way_is_refused(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    files: list[str | os.PathLike[str]] = [str(tmp_path / "a")]

    class Shrinks:
        def __fspath__(self) -> str:
            files.clear()
            return str(tmp_path / "b")

    files.extend([Shrinks(), str(tmp_path / "c"), str(tmp_path / "d")])
    with pytest.raises(RuntimeError, match="files changed while it was read: nothing was registered"):
        session.register(files)
    assert stored(session) == ()


def test_an_error_of_fspath_comes_out(session: rmcy.PrimarySession) -> None:
    class Broken:
        def __fspath__(self) -> str:
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        session.register([Broken()])


def test_100_000_paths_in_one_call(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{number:06d}") for number in range(100_000)]
    registered = session.register(paths)
    assert registered.files == 100_000
    assert list(registered.missing) == paths


# A character that a str may hold and a file name too: a byte that is not UTF-8 is U+DC80 to U+DCFF.
characters = st.one_of(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0/"),
    st.integers(0xDC80, 0xDCFF).map(chr),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(characters, min_size=1, max_size=60), min_size=1, max_size=20))
def test_every_name_comes_back_as_it_was(session: rmcy.PrimarySession, names: list[str]) -> None:
    # What spells valid UTF-8 with single bytes is the same name as the text itself.
    paths = [f"/does/not/exist/{os.fsdecode(os.fsencode(name))}" for name in names]
    assert list(session.register(paths).missing) == paths


@pytest.mark.parametrize(
    ("filling", "ending"), [("a", ""), ("é", ""), ("ž", ""), ("\U0001f600", ""), ("a", "\U0001f600")]
)
@pytest.mark.parametrize("bad", for_linux(["\0", "\ud800"], ["\ud800"], LONE))
def test_one_bad_character_is_seen_wherever_it_stands(
    session: rmcy.PrimarySession, filling: str, ending: str, bad: str
) -> None:
    # Names are read a register of the processor at a time, of the largest one if there are many names, and each of the
    # three forms of a str in a loop of its own.
    many = [f"/no/{n}" for n in range(20)]
    for length in range(1, 76):
        for position in range(length):
            name = filling * position + bad + filling * (length - position - 1) + ending
            with pytest.raises(rmcy.BadArgumentsError, match=r"files\[0\]"):
                session.register(name)
            many[7] = name
            with pytest.raises(rmcy.BadArgumentsError, match=r"files\[7\]"):
                session.register(many)


@pytest.mark.parametrize("filling", ["a", "é", "ž", "\U0001f600"])
def test_names_of_every_length_come_back(session: rmcy.PrimarySession, filling: str) -> None:
    letters = "".join(chr(ord("b") + n % 24) for n in range(60))
    names = ["/no/" + (letters[:length] + filling)[-length:] for length in range(1, 76)]
    assert list(session.register(names).missing) == names
    assert [session.register(name).missing for name in names] == [(name,) for name in names]


def test_names_of_one_and_two_units_a_character_come_back(session: rmcy.PrimarySession) -> None:
    # Where the kinds change within what is read at once, and where they do not.
    highest = "\uffff"
    names = [
        f"/no/{'b' * first}{chr(0x1F600 + first) * pairs}{highest * last}/{first}-{pairs}-{last}"
        for first in range(12)
        for pairs in range(1, 20)
        for last in range(12)
    ]
    names += ["/no/\U00010000" + "\U0010ffff" * 9, "/no/\U00010000" + "\ue000\ud7ff" * 9]
    assert list(session.register(names).missing) == names
    assert [session.register(name).missing for name in names[::7]] == [(name,) for name in names[::7]]


@pytest.mark.linux("names are text on Windows, not bytes")
def test_names_are_bytes_where_the_encoding_is_not_utf8(tmp_path: Path, run_program: Callable[..., Program]) -> None:
    path = tmp_path / "é"
    path.write_text("x")
    holder = run_program(HOLDER, str(path))
    asker = run_program(
        """
        import os, sys, rmcy
        assert sys.getfilesystemencoding() == "ascii"
        given = sys.argv[1]
        for form in (given, os.fsencode(given)):
            (app,) = rmcy.who(form)
            assert app.uses[0].path == given
        missing = given + "-missing"
        with rmcy.start() as session:
            assert session.register(missing).missing == (missing,)
            assert session.affected().missing == (missing,)
            try:
                session.register([missing, "\\u00e9"])
            except UnicodeEncodeError:
                pass
            else:
                sys.exit("took a character that the encoding does not have")
        print(app.process.pid, flush=True)
        """,
        str(path),
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    assert asker.said == str(holder.pid)


@pytest.mark.parametrize("start_time", [0, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_pair_of_numbers_is_the_process_that_it_spells(session: rmcy.PrimarySession, start_time: int) -> None:
    process = rmcy.UniqueProcess(2**32 - 1, start_time)
    for spelt in ([process], [(2**32 - 1, start_time)], ((2**32 - 1, start_time),)):
        assert session.register(processes=spelt).processes == 1


def test_processes_that_change_while_they_are_read_are_refused(session: rmcy.PrimarySession) -> None:
    class Emptying:
        def __index__(self) -> int:
            processes.clear()
            return 1

    processes: list[tuple[object, int]] = [(Emptying(), 1), (1, 1)]
    with pytest.raises(RuntimeError, match="processes changed while it was read: nothing was registered"):
        session.register(processes=processes)  # type: ignore[arg-type]


@pytest.mark.linux("on Windows a long name comes back with backslashes: test_windows_names.py")
def test_long_names_among_short_ones_come_back(session: rmcy.PrimarySession) -> None:
    # Longer than the room that is first made for a list, so that it grows in the middle; some are no str.
    names = [f"/no/{n}/" + f"{'aéž😀'[n % 4] * 20}/" * (n % 23) + "end" for n in range(300)]
    assert len(set(map(len, names))) > 20
    given = [(str, os.fsencode, Path)[n % 7 % 3](name) for n, name in enumerate(names)]
    assert list(session.register(given).missing) == names
    assert list(session.register(names).missing) == names
