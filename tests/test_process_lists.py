# SPDX-License-Identifier: MIT
"""Packed lists of processes: from records in buffers, from iterables, and registered."""

from __future__ import annotations

import ctypes
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

import rmcy
from rmcy import ProcessList, UniqueProcess

from fix_program import Program

np = pytest.importorskip("numpy")

RECORD = np.dtype([("pid", "u4"), ("start_time", "u8")])


def test_processes_come_from_records_without_a_copy() -> None:
    records = np.array([(1, 2), (3, 2**63)], RECORD)
    made = ProcessList(records)
    assert list(made) == [UniqueProcess(1, 2), UniqueProcess(3, 2**63)]
    assert np.asarray(made).dtype == RECORD
    assert np.shares_memory(np.asarray(made), records)
    records["pid"][0] = 7
    assert made[0] == UniqueProcess(7, 2)
    with pytest.raises(TypeError, match="unhashable ProcessList: its buffer can be written to"):
        hash(made)


class _FileTime(ctypes.Structure):
    _fields_ = (("low", ctypes.c_uint32), ("high", ctypes.c_uint32))


class _Process(ctypes.Structure):
    _fields_ = (("pid", ctypes.c_uint32), ("start", _FileTime))


@pytest.mark.parametrize("dtype", [RECORD, "u4,u4,u4", "V12", [("pid", "u4"), ("t", [("low", "u4"), ("high", "u4")])]])
def test_records_have_any_layout_that_is_the_header_s(dtype: object) -> None:
    raw = np.array([(1, 2), (3, 4)], RECORD).tobytes()
    assert list(ProcessList(np.frombuffer(raw, dtype))) == [UniqueProcess(1, 2), UniqueProcess(3, 4)]
    assert hash(ProcessList(raw)) == hash(ProcessList([(1, 2), (3, 4)]))
    assert list(ProcessList((_Process * 2).from_buffer_copy(raw))) == list(ProcessList(raw))
    # Where C could not read the records in place they are copied.
    assert list(ProcessList(memoryview(b"x" + raw)[1:])) == list(ProcessList(raw))


def test_a_buffer_cannot_be_resized_while_a_list_shows_it() -> None:
    raw = bytearray(24)
    made = ProcessList(raw)
    with pytest.raises(BufferError):
        raw.append(0)
    del made
    raw.append(0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(3), r"processes has the dtype float64, 8 bytes an item: pass records of 12 bytes"),
        (np.zeros(3, [("pid", "u4"), ("start", "i8")]), r"processes has the dtype .*<i8.*: pass records"),
        (np.zeros(3, [("a", "f4"), ("b", "u8")]), r"processes has the dtype .*<f4.*: pass records"),
        (np.zeros(3, np.dtype([("pid", "u4"), ("start", "u8")], align=True)), "16 bytes an item: pass records"),
        (np.zeros(3, RECORD.newbyteorder()), "processes has the byte order of other machines"),
        (np.zeros(4, RECORD)[::2], "processes is not contiguous: pass a copy"),
        (np.zeros((2, 2), RECORD), "processes has 2 dimensions"),
        (bytes(13), "processes has 13 bytes, no multiple of 12"),
    ],
)
def test_other_records_are_refused(session: rmcy.PrimarySession, given: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProcessList(given)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        session.register(processes=given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "message"), [(5, "processes is 5"), ("ab", "processes is 'ab'")])
def test_what_is_no_list_of_processes_is_refused(given: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        ProcessList(given)  # type: ignore[arg-type]


def test_a_list_of_processes_is_a_sequence() -> None:
    made = ProcessList([(1, 2), UniqueProcess(3, 4), rmcy.AffectedApp(UniqueProcess(5, 6), "x")])
    assert isinstance(made, Sequence)
    assert [process.pid for process in made] == [1, 3, 5]
    assert (made[-1], UniqueProcess(3, 4) in made, made.index(UniqueProcess(3, 4)), made.count(made[0])) == (
        UniqueProcess(5, 6),
        True,
        1,
        1,
    )
    assert made[1:] == ProcessList([(3, 4), (5, 6)])
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(ProcessList(list(made)))
    assert made != ProcessList([(1, 2)])
    with pytest.raises(TypeError, match=r"processes\[1\] is 4711"):
        ProcessList([(1, 2), 4711])  # type: ignore[list-item]


def test_processes_are_registered_from_lists_and_records(
    session: rmcy.PrimarySession, held_file: tuple[Path, Program]
) -> None:
    process = UniqueProcess.from_pid(held_file[1].pid)
    records = np.array([(process.pid, process.start_time)], RECORD)
    for given in (records, ProcessList(records), ProcessList([process]), ProcessList([process])[:]):
        assert session.register(processes=given).processes == 1
    assert [app.process for app in session.affected()] == [process]
