# SPDX-License-Identifier: MIT
"""Lists that are packed once: from iterables, from text with separators, from buffers; and what each refuses."""

from __future__ import annotations

import array
import copy
import os
import pickle
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import rmcy
from rmcy import PathList, UniqueProcess

from fix_platform import for_linux
from fix_program import Program

np = pytest.importorskip("numpy")

NAMES = ["/a", "/é", "/ž\U0001f600", "/b\udcff", "/usr/lib/" + "x" * 300]
RECORD = np.dtype([("pid", "u4"), ("start_time", "u8")])


def buffers(names: Sequence[str]) -> tuple[bytes, array.array[int]]:
    texts = [
        name.encode("utf-16-le" if os.sys.byteorder == "little" else "utf-16-be", "surrogatepass") for name in names
    ]
    ends = array.array("I", [0])
    for text in texts:
        ends.append(ends[-1] + len(text) // 2)
    return b"".join(texts), ends


def from_buffers(names: Sequence[str]) -> PathList:
    return PathList.from_buffers(*buffers(names))


WAYS: dict[str, Callable[[Sequence[str]], PathList]] = {
    "list": PathList,
    "generator": lambda names: PathList(name for name in names),
    "bytes": lambda names: PathList([os.fsencode(name) for name in names]),
    "paths": lambda names: PathList([Path(name) for name in names]),
    "separated": lambda names: PathList.from_separated(b"\0".join(map(os.fsencode, names))),
    "separated, ended": lambda names: PathList.from_separated(b"".join(os.fsencode(n) + b"\n" for n in names), b"\n"),
    "buffers": from_buffers,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_list(way: str) -> None:
    made = WAYS[way](NAMES)
    names = [str(Path(name)) for name in NAMES] if way == "paths" else NAMES
    assert list(made) == names
    assert made == PathList(names)
    assert hash(made) == hash(PathList(names))
    assert memoryview(made) == memoryview(PathList(names))


def test_it_is_a_sequence_of_str() -> None:
    made = PathList(NAMES)
    assert isinstance(made, Sequence)
    assert (len(made), made[0], made[-1]) == (5, NAMES[0], NAMES[-1])
    assert list(reversed(made)) == NAMES[::-1]
    assert "/é" in made
    assert b"/a" in made
    assert (Path("/a") in made) == (str(Path("/a")) == "/a")
    assert "/nobody" not in made
    assert 5 not in made
    assert (made.index("/é"), made.count("/é"), PathList(["/a", "/b", "/a"]).count("/a")) == (1, 1, 2)
    with pytest.raises(ValueError, match="'/x' is not in the list"):
        made.index("/x")
    with pytest.raises(IndexError):
        made[5]
    assert repr(made) == "<rmcy.PathList of 5>"


@pytest.mark.parametrize("where", [slice(None), slice(1, 3), slice(None, None, -1), slice(0, 5, 2), slice(9, 9)])
def test_a_slice_is_a_list(where: slice) -> None:
    part = PathList(NAMES)[where]
    assert type(part) is PathList
    assert list(part) == NAMES[where]
    assert part == PathList(NAMES[where])


def test_equal_means_the_same_paths() -> None:
    assert PathList(["/ab", "/c"]) != PathList(["/a", "b/c"])
    assert PathList() == PathList([])
    assert PathList() != PathList(["/"])
    assert PathList(["/a"]) != ["/a"]


def test_it_cannot_be_changed() -> None:
    made = PathList(NAMES)
    with pytest.raises(TypeError, match="cannot be changed"):
        made.__init__(["/other"])  # type: ignore[misc]
    assert memoryview(made).readonly
    with open(os.devnull, "rb") as nothing, pytest.raises(TypeError, match="read-write"):
        nothing.readinto(made)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [NAMES, []])
def test_it_survives_pickle_and_copy(names: list[str]) -> None:
    made = PathList(names)
    for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert again == made


def test_as_a_buffer_it_is_units_with_a_nul_behind_each_path() -> None:
    made = PathList(["/a", "/bc"])
    view = memoryview(made)
    assert (view.format, view.shape, view.itemsize) == ("H", (7,), 2)
    assert "".join(map(chr, view)) == "/a\0/bc\0"
    assert list(made.offsets) == [0, 3, 7]
    assert np.asarray(made).dtype == np.uint16
    assert memoryview(PathList()).shape == (0,)
    assert list(PathList().offsets) == [0]


def test_the_memory_of_one_list_is_not_that_of_another() -> None:
    """Lists that end leave their memory to those that come; each shows what it was made of, as long as it lives."""
    draw = random.Random(1)
    living: list[tuple[list[str], rmcy.PathList]] = []
    for turn in range(300):
        count = draw.choice((0, 1, 2, 70, 700))
        # Longer than usual, so that a list needs several pieces, and of each width of text.
        paths = [draw.choice("xé€😀") * draw.choice((1, 15, 16, 31, 32, 33, 60, 300)) + str(n) for n in range(count)]
        if count and not turn % 7:
            with pytest.raises(ValueError, match=rf"paths\[{count}\]"):
                rmcy.PathList([*paths, ""])
        living.append((paths, rmcy.PathList(paths)))
        while len(living) > draw.randrange(6):
            paths, made = living.pop(draw.randrange(len(living)))
            assert list(made) == paths
    for paths, made in living:
        assert list(made) == paths


@pytest.mark.parametrize("names", [["é", "xyz"], ["€" * 7, "x" * 8, "é" * 33]])
def test_an_arena_may_lie_at_an_odd_address(names: list[str]) -> None:
    arena = memoryview(b"z" + "".join(names).encode("utf-16-le"))[1:]
    offsets = np.cumsum([0, *map(len, names)], dtype=np.uint64)
    assert list(PathList.from_buffers(arena, offsets)) == names


def test_a_slice_of_an_arena_is_enough() -> None:
    arena = np.frombuffer(buffers(["skipped", "/a", "/b"])[0], "u2")
    assert list(PathList.from_buffers(arena, np.array([7, 9, 11], "u8"))) == ["/a", "/b"]
    assert list(PathList.from_buffers(arena, np.array([7, 9], "i8"))) == ["/a"]
    assert list(PathList.from_buffers(arena, np.array([7], "u4"))) == []


def units(*numbers: int) -> array.array[int]:
    return array.array("H", numbers)


def ends(*numbers: int, code: str = "I") -> array.array[int]:
    return array.array(code, numbers)


BAD_BUFFERS: dict[str, tuple[object, object, type[Exception], str]] = {
    "past the arena": (units(47, 97), ends(0, 1, 3), ValueError, r"offsets\[2\] is 3, past the end of the arena, .* 2"),
    "first past the arena": (units(47), ends(5, 6), ValueError, r"offsets\[0\] is 5, past the end"),
    "far past": (units(47), ends(0, 2**63, code="Q"), ValueError, r"offsets\[1\] is 9223372036854775808 \(neg"),
    "negative": (units(47, 97), ends(0, -1, 2, code="q"), ValueError, r"offsets\[1\] is 18446744073709551615 \(negat"),
    "decreasing": (units(47, 97, 98), ends(0, 3, 2), ValueError, r"offsets\[2\] is 2, less than offsets\[1\], .* 3"),
    "decreasing inside": (
        units(47, 97, 98),
        ends(0, 3, 1, 3),
        ValueError,
        r"offsets\[2\] is 1, less than offsets\[1\], which is 3",
    ),
    "no offsets": (units(47), ends(), ValueError, "offsets is empty: for n paths it has n [+] 1"),
    "empty path": (units(47), ends(0, 1, 1), ValueError, r"paths\[1\] is an empty string"),
    "NUL inside": (units(47, 97, 0, 98), ends(0, 1, 4), ValueError, r"paths\[1\] is 'a\\x00b', with a NUL"),
    "NUL at the end": (units(47, 0), ends(0, 2), ValueError, r"paths\[0\] is '/\\x00', with a NUL"),
    "high surrogate": (units(47, 0xD800, 98), ends(0, 3), ValueError, r"paths\[0\] is .* with an unpaired surrogate"),
    "high surrogate last": (units(47, 0xD83D, 0xDE00), ends(0, 2, 3), ValueError, r"paths\[0\] .* unpaired surrogate"),
    "low, no byte": (units(47, 0xDD00), ends(0, 2), ValueError, r"paths\[0\] is .* with an unpaired surrogate"),
    "odd bytes": (b"abc", ends(0, 1), ValueError, "arena has 3 bytes, an odd number"),
    "no buffer": ([47], ends(0, 1), TypeError, "arena is of type list, which is no buffer: pass an array of uint16"),
    "text": ("/a", ends(0, 1), TypeError, "arena is of type str, which is no buffer"),
    "offsets are a list": (units(47), [0, 1], TypeError, "offsets is of type list, which is no buffer"),
    "wide arena": (array.array("I", [47]), ends(0, 1), ValueError, "arena has the format 'I': pass an array of uint16"),
    "narrow offsets": (units(47), units(0, 1), ValueError, "offsets has the format 'H': pass an array of uint32"),
    "floating offsets": (units(47), np.zeros(2), ValueError, "offsets has the format 'd': pass an array of uint32"),
    "big-endian offsets": (units(47), np.array([0, 1], ">u4"), ValueError, "byte order of other machines"),
    "big-endian arena": (np.array([47], ">u2"), ends(0, 1), ValueError, "arena has the byte order of other machines"),
    "not contiguous": (np.zeros(4, "u2")[::2], ends(0, 1), ValueError, "arena is not contiguous: pass a copy"),
    "two dimensions": (np.zeros((2, 2), "u2"), ends(0, 1), ValueError, "arena has 2 dimensions"),
}
SURROGATES = [name for name, case in BAD_BUFFERS.items() if "surrogate" in case[3]]


@pytest.mark.parametrize("name", for_linux(BAD_BUFFERS, SURROGATES, "a lone surrogate may stand in a name of Windows"))
def test_a_bad_buffer_is_refused_with_its_index(name: str) -> None:
    arena, offsets, kind, message = BAD_BUFFERS[name]
    with pytest.raises(kind, match=message):
        PathList.from_buffers(arena, offsets)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "sep", "kind", "message"),
    [
        (b"/a\0\0/b\0", b"\0", ValueError, r"paths\[1\] is an empty string"),
        (b"\0", b"\0", ValueError, r"paths\[0\] is an empty string"),
        (b"/a\n/b\0c\n", b"\n", ValueError, r"paths\[1\] is '/b\\x00c', with a NUL"),
        pytest.param(
            *(b"/\xc3\xa9\n/\xff\0\n", b"\n", ValueError, r"paths\[1\] is '/\\udcff\\x00', with a NUL"),
            marks=pytest.mark.linux("names are text on Windows, not bytes"),
        ),
        ("/a", b"\0", TypeError, "data is a str: pass bytes"),
        (5, b"\0", TypeError, "data is of type int, which is no buffer"),
        (b"/a", b"", ValueError, "sep is b'': it must be one byte"),
        (b"/a", "\n", ValueError, r"sep is '\\n': it must be one byte"),
        (array.array("I", [1]), b"\0", ValueError, "data has items of 4 bytes"),
    ],
)
def test_bad_text_is_refused_with_its_index(data: object, sep: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        PathList.from_separated(data, sep)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", bytearray(), memoryview(b"")])
def test_no_text_is_no_paths(data: bytes) -> None:
    assert len(PathList.from_separated(data)) == 0


@pytest.mark.parametrize(
    ("paths", "kind", "message"),
    [
        (["/a", ""], ValueError, r"paths\[1\] is an empty string"),
        (["/a", "b\0"], ValueError, r"paths\[1\] is 'b\\x00', with a NUL"),
        (["/a", 5], TypeError, r"paths\[1\] is 5, of type int"),
        (5, TypeError, "paths is 5, of type int"),
        (bytearray(b"/a"), TypeError, "paths is a bytearray: PathList.from_separated"),
    ],
)
def test_a_bad_entry_is_refused_with_its_index(paths: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        PathList(paths)  # type: ignore[arg-type]


@pytest.mark.linux("names are text on Windows, not bytes")
def test_undecodable_utf8_is_kept_byte_by_byte() -> None:
    raw = [
        b"/\xc3",
        b"/\xe2\x82A",
        b"/\xed\xa0\x80",
        b"/\xf0\x9f\x98\x80",
        b"/\xc0\x80",
        b"/\xf4\x90\x80\x80",
        b"/\xff",
    ]
    made = PathList.from_separated(b"\0".join(raw))
    assert list(made) == [name.decode("utf-8", "surrogateescape") for name in raw]


# ---- registering ----


@pytest.fixture
def held(tmp_path: Path, run_program: Callable[..., Program]) -> tuple[Path, Program]:
    path = tmp_path / "held"
    path.write_text("x")
    return path, run_program("import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()", str(path))


@pytest.mark.parametrize("way", WAYS)
def test_a_list_is_registered_as_its_paths_are(
    session: rmcy.PrimarySession, held: tuple[Path, Program], tmp_path: Path, way: str
) -> None:
    made = WAYS[way]([str(tmp_path / "missing"), str(held[0])])
    for _ in range(2):
        assert session.register(made) == rmcy.Registered(files=2, missing=(str(tmp_path / "missing"),))
    assert [app.process.pid for app in session.affected()] == [held[1].pid]
    assert [app.process.pid for app in rmcy.who(made)] == [held[1].pid]
    assert [app.process.pid for app in rmcy.who(made, "/nobody/here")] == [held[1].pid]


def test_a_path_that_is_too_long_is_named_by_its_index(session: rmcy.PrimarySession) -> None:
    with pytest.raises(rmcy.BadArgumentsError, match=r"files\[1\] is longer than the system takes"):
        session.register(PathList(["/a", "/" + "x" * 40_000]))
    assert session.affected().missing == ()


def test_a_directory_in_a_list_is_named_and_expanded(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    made = PathList(["/nobody/here", str(tmp_path)])
    with pytest.raises(rmcy.DirectoryRegisteredError, match=r"files\[1\] is a directory"):
        session.register(made)
    assert session.affected().missing == ()
    assert session.register(made, directories="expand").files == 2


def test_threads_register_a_list_while_its_source_changes(session: rmcy.PrimarySession) -> None:
    arena, offsets = buffers([f"/nobody/here/{n:05}" for n in range(300)])
    source, numbers = np.frombuffer(bytearray(arena), "u2"), np.array(offsets)
    made = PathList.from_buffers(source, numbers)
    expected = list(made)
    stop, wrong = threading.Event(), []

    def change() -> None:
        while not stop.is_set():
            source[:] = 0
            numbers[:] = 2**32 - 1
            source[:] = 0xD800

    def register() -> None:
        with rmcy.join(session.key) as joined:
            if joined.register(made).missing != tuple(expected):
                wrong.append(1)

    changer = threading.Thread(target=change)
    workers = [threading.Thread(target=register) for _ in range(32)]
    for thread in (changer, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    stop.set()
    changer.join()
    assert not wrong
    assert list(made) == expected


def test_lists_are_made_of_buffers_that_change_meanwhile() -> None:
    # Whatever the reader meets, it is a list of these names, or an error, and never anything outside.
    arena, offsets = buffers([f"/nobody/{n:04}" for n in range(500)])
    source, numbers = np.frombuffer(bytearray(arena), "u2").copy(), np.array(offsets)
    good, broken = numbers.copy(), numbers[::-1].copy()
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            numbers[:] = broken
            numbers[:] = 2**32 - 1
            numbers[:] = good

    changer = threading.Thread(target=change)
    changer.start()
    outcomes = set()
    for _ in range(3_000):
        try:
            outcomes.add(len(PathList.from_buffers(source, numbers)))
        except (ValueError, RuntimeError) as error:
            outcomes.add(type(error).__name__)
    stop.set()
    changer.join()
    assert outcomes <= {500, "ValueError", "BadArgumentsError", "RuntimeError"}
    assert list(PathList.from_buffers(source, good))[499] == "/nobody/0499"


# ---- lists that are staged in pieces ----

LARGE = 20_000


def test_a_bad_path_late_in_a_large_list_leaves_nothing(session: rmcy.PrimarySession, tmp_path: Path) -> None:
    names = [str(tmp_path / f"{n:05}") for n in range(LARGE)]
    session.register(tmp_path / "before")
    for bad, kind, message in (
        ("/" + "x" * 40_000, ValueError, r"files\[19000\] is longer than the system takes"),
        (str(tmp_path), IsADirectoryError, r"files\[19000\] is a directory"),
    ):
        with pytest.raises(kind, match=message):
            session.register([*names[:19_000], bad, *names[19_001:]], [(1, 1)], ["nobody.service"])
    assert session.affected().missing == (str(tmp_path / "before"),)


@pytest.mark.parametrize("first", [[], ["before"]])
def test_a_large_list_joins_what_was_there(
    session: rmcy.PrimarySession, held: tuple[Path, Program], tmp_path: Path, first: list[str]
) -> None:
    if first:
        session.register([tmp_path / name for name in first])
    names = [str(tmp_path / f"{n:05}") for n in range(LARGE)]
    process = UniqueProcess.from_pid(os.getpid())
    registered = session.register([*names, str(held[0]), str(tmp_path)], [process], directories="skip")
    assert (registered.files, registered.processes) == (LARGE + 1, 1)
    assert registered.missing == tuple(names)
    assert registered.skipped == (str(tmp_path),)
    for again in range(2):
        answer = session.affected()
        assert {app.process.pid for app in answer} == {held[1].pid, os.getpid()}
        assert set(answer.missing) == {*names, *(str(tmp_path / name) for name in first)}
        if not again:
            session.register(str(held[0]))
