# SPDX-License-Identifier: MIT
"""Columns of names by Arrow's interface: of real libraries, and of hostile producers made by hand."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable

import pytest

import rmcy
from rmcy import PathList

pytestmark = pytest.mark.linux("polars, which is among the libraries that are read, does not run under Wine 8")

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")
pd = pytest.importorskip("pandas")
duckdb = pytest.importorskip("duckdb")

# Names of all lengths on both sides of what fits into a view (12 bytes).
NAMES = ["/" + "x" * n for n in range(1, 30)] + ["/é", "/ž\U0001f600 and more than a dozen bytes"]

COLUMNS: dict[str, Callable[[], object]] = {
    "string": lambda: pa.array(NAMES),
    "large_string": lambda: pa.array(NAMES, pa.large_string()),
    "string_view": lambda: pa.array(NAMES, pa.string_view()),
    "binary": lambda: pa.array([name.encode() for name in NAMES], pa.binary()),
    "large_binary": lambda: pa.array([name.encode() for name in NAMES], pa.large_binary()),
    "binary_view": lambda: pa.array([name.encode() for name in NAMES], pa.binary_view()),
    "slice": lambda: pa.array(["/before", "/before", *NAMES, "/behind"]).slice(2, len(NAMES)),
    "slice of views": lambda: pa.array(["/b", *NAMES, "/b"], pa.string_view()).slice(1, len(NAMES)),
    "chunks": lambda: pa.chunked_array([NAMES[:3], [], NAMES[3:20], NAMES[20:]], pa.string()),
    "slice of chunks": lambda: pa.chunked_array([["/b"], ["/b", *NAMES[:9]], NAMES[9:]]).slice(2),
    "no nulls in the slice": lambda: pa.array([None, *NAMES, None]).slice(1, len(NAMES)),
    "table": lambda: pa.table({"path": NAMES}),
    "slice of a table": lambda: pa.table({"path": ["/b", *NAMES]}).slice(1),
    "batch": lambda: pa.record_batch({"path": ["/b", *NAMES]}).slice(1),
    "polars": lambda: pl.Series(NAMES),
    "polars frame": lambda: pl.DataFrame({"path": NAMES}),
    "polars chunks": lambda: pl.concat([pl.Series(NAMES[:7]), pl.Series(NAMES[7:])], rechunk=False),
    "pandas": lambda: pd.Series(NAMES),
    "pandas objects": lambda: pd.Series(NAMES, dtype=object),
    "pandas with Arrow": lambda: pd.Series(NAMES, dtype=pd.ArrowDtype(pa.large_string())),
    "pandas frame": lambda: pd.DataFrame({"path": NAMES}),
    "duckdb": lambda: duckdb.connect().sql("SELECT unnest($paths) AS path", params={"paths": NAMES}),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_a_list_of_paths(name: str) -> None:
    assert list(PathList(COLUMNS[name]())) == NAMES  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_an_empty_column_is_an_empty_list(kind: object) -> None:
    assert len(PathList(pa.array([], kind))) == 0
    assert len(PathList(pa.chunked_array([], kind))) == 0


def test_bytes_that_are_no_utf8_are_kept() -> None:
    assert list(PathList(pa.array([b"/\xff", b"/\xc3"], pa.binary()))) == ["/\udcff", "/\udcc3"]


def test_columns_are_registered_and_asked_about(session: rmcy.PrimarySession) -> None:
    column = pa.array(["/nobody/here", "/nobody/there"])
    assert session.register(column).missing == ("/nobody/here", "/nobody/there")
    assert rmcy.who(column).missing == ("/nobody/here", "/nobody/there")
    assert rmcy.who(pl.Series(["/nobody/here"]), "/x/y").missing == ("/nobody/here", "/x/y")


BAD_COLUMNS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "null": (lambda: pa.array(["/a", "/b", None]), ValueError, r"paths\[2\] is null"),
    "null in a slice": (lambda: pa.array([None, "/a", None]).slice(1), ValueError, r"paths\[1\] is null"),
    "null in a later chunk": (lambda: pa.chunked_array([["/a"], ["/b", None]]), ValueError, r"paths\[2\] is null"),
    "null in a view": (lambda: pl.Series(["/a", None]), ValueError, r"paths\[1\] is null"),
    "all null": (lambda: pa.nulls(3), TypeError, "of type null: names are of type string"),
    "numbers": (lambda: pa.array([1]), TypeError, "an Arrow array of type int64: names are of type string"),
    "polars numbers": (lambda: pl.Series([1.5]), TypeError, "an Arrow array of type float64"),
    "dictionary": (lambda: pa.array(["/a"]).dictionary_encode(), TypeError, "of type dictionary of string"),
    "list": (lambda: pa.array([["/a"]]), TypeError, "of type list"),
    "fixed": (lambda: pa.array([b"ab"], pa.binary(2)), TypeError, "of type fixed_size_binary"),
    "two columns": (lambda: pa.table({"a": ["/a"], "b": ["/b"]}), TypeError, "struct of 2 columns: give the one"),
    "null struct": (
        lambda: pa.StructArray.from_arrays([pa.array(["/a", "/b"])], ["p"], mask=pa.array([False, True])),
        ValueError,
        r"paths\[1\] is null",
    ),
    "empty string": (lambda: pa.array(["/a", ""]), ValueError, r"paths\[1\] is an empty string"),
    "NUL": (lambda: pa.chunked_array([["/a"], ["/b", "/c\0d"]]), ValueError, r"paths\[2\] is '/c\\x00d', with a NUL"),
    "NUL in a view": (
        lambda: pa.array(["/a\0b"], pa.string_view()),
        ValueError,
        r"paths\[0\] is '/a\\x00b', with a NUL",
    ),
}


@pytest.mark.parametrize("name", BAD_COLUMNS)
def test_a_bad_column_is_refused_with_its_index(session: rmcy.PrimarySession, name: str) -> None:
    make, kind, message = BAD_COLUMNS[name]
    with pytest.raises(kind, match=message):
        PathList(make())  # type: ignore[arg-type]
    with pytest.raises(kind, match=message):
        session.register(make())  # type: ignore[arg-type]
    assert session.affected().missing == ()


def test_an_error_of_a_stream_comes_out() -> None:
    def batches() -> object:
        yield pa.record_batch({"p": ["/a"]})
        raise ValueError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"p": pa.string()}), batches())
    with pytest.raises(OSError, match=r"paths: the Arrow stream failed: .*the disk is gone"):
        PathList(reader)


def test_a_stream_is_taken_once() -> None:
    class Twice:
        capsule = pa.chunked_array([["/a"]]).__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.capsule

    assert list(PathList(Twice())) == ["/a"]
    with pytest.raises(ValueError, match="taken by somebody else"):
        PathList(Twice())


# ---- made by hand ----

Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class CSchema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", Release),
        ("private_data", ctypes.c_void_p),
    )


class CArray(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.c_void_p),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", Release),
        ("private_data", ctypes.c_void_p),
    )


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)


class Producer:
    """An array whose every field can be wrong; it counts what is released."""

    def __init__(self, form: bytes = b"u", buffers: tuple[bytes | None, ...] = (), **fields: int) -> None:
        self.released: list[str] = []
        self.done = [Release(lambda at: self.release(at, CSchema)), Release(lambda at: self.release(at, CArray))]
        self.kept = [None if b is None else ctypes.create_string_buffer(b, len(b) + 8) for b in buffers]
        self.pointers = (ctypes.c_void_p * max(1, len(buffers)))(
            *(None if b is None else ctypes.addressof(b) for b in self.kept)
        )
        self.schema = CSchema(format=form, release=self.done[0])
        self.array = CArray(
            **{"length": 1, "n_buffers": len(buffers), **fields},
            buffers=ctypes.addressof(self.pointers),
            release=self.done[1],
        )

    def release(self, at: int, kind: type[ctypes.Structure]) -> None:
        self.released.append(kind.__name__)
        kind.from_address(at).release = Release(0)

    names = (b"arrow_schema", b"arrow_array")

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return tuple(
            new_capsule(ctypes.addressof(struct), name, None)
            for struct, name in zip((self.schema, self.array), self.names, strict=True)
        )


def view(size: int, number: int, at: int) -> bytes:
    return struct.pack("=iiii", size, 0, number, at)


HOSTILE: dict[str, tuple[Producer, type[Exception], str]] = {
    "length": (Producer(length=-1, buffers=(None, b"", b"")), ValueError, "it has length -1 and offset 0"),
    "offset": (Producer(offset=-1, buffers=(None, b"", b"")), ValueError, "it has length 1 and offset -1"),
    "far offset": (Producer(offset=2**63 - 1, buffers=(None, b"", b"")), ValueError, "offset 9223372036854775807"),
    "buffers": (Producer(buffers=(None, b"")), ValueError, "it has 2 buffers"),
    "no offsets": (Producer(buffers=(None, None, b"ab")), ValueError, "buffer 1 is missing"),
    "no data": (Producer(buffers=(None, struct.pack("=ii", 0, 2), None)), ValueError, "buffer 2 is missing"),
    "negative": (Producer(buffers=(None, struct.pack("=ii", -4, 2), b"ab")), ValueError, r"where paths\[0\] lies"),
    "decreasing": (
        Producer(length=2, buffers=(None, struct.pack("=iii", 0, 2, 1), b"ab")),
        ValueError,
        r"where paths\[1\] lies",
    ),
    "wide": (Producer(b"U", buffers=(None, struct.pack("=qq", 5, 2), b"ab")), ValueError, r"where paths\[0\] lies"),
    "view size": (Producer(b"vu", buffers=(None, view(-5, 0, 0), b"")), ValueError, r"where paths\[0\] lies"),
    "view without data": (Producer(b"vu", buffers=(None, view(20, 0, 0), b"")), ValueError, r"where paths\[0\] lies"),
    "view buffer": (
        Producer(b"vu", buffers=(None, view(20, 1, 0), b"x" * 30, struct.pack("=q", 30))),
        ValueError,
        "where paths",
    ),
    "view past": (
        Producer(b"vu", buffers=(None, view(20, 0, 11), b"x" * 30, struct.pack("=q", 30))),
        ValueError,
        "where paths",
    ),
    "table without column": (Producer(b"+s", buffers=(None,)), TypeError, "struct of 0 columns"),
    "strange type": (Producer(b"?\xff", buffers=(None,)), TypeError, r"with the code '\?\\\\xff'"),
    "null by bits alone": (
        Producer(null_count=-1, buffers=(b"\0", struct.pack("=ii", 0, 2), b"ab")),
        ValueError,
        r"paths\[0\] is null",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_producer_is_refused_and_released(name: str) -> None:
    producer, kind, message = HOSTILE[name]
    with pytest.raises(kind, match=message):
        PathList(producer)  # type: ignore[arg-type]
    assert sorted(producer.released) == ["CArray", "CSchema"]
    # Both were moved out of what the producer keeps.
    assert not producer.schema.release
    assert not producer.array.release


def test_a_producer_made_by_hand_is_taken_and_released() -> None:
    good = Producer(buffers=(None, struct.pack("=ii", 0, 2), b"/a"))
    assert list(PathList(good)) == ["/a"]  # type: ignore[arg-type]
    assert sorted(good.released) == ["CArray", "CSchema"]
    last = Producer(b"vz", buffers=(None, view(20, 0, 10), b"-" * 10 + b"/" * 20, struct.pack("=q", 30)))
    assert list(PathList(last)) == ["/" * 20]  # type: ignore[arg-type]


def test_capsules_of_another_kind_are_refused() -> None:
    class Wrong(Producer):
        names = (b"arrow_array", b"arrow_schema")

    with pytest.raises(ValueError, match="PyCapsule_GetPointer"):
        PathList(Wrong())  # type: ignore[arg-type]

    class Nothing:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return 5

    with pytest.raises(TypeError, match="gave int, not a pair of capsules"):
        PathList(Nothing())
