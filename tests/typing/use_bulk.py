# SPDX-License-Identifier: MIT
"""What a client writes with packed lists and in bulk, and the types that it gets."""

import array
from collections.abc import Mapping
from typing import assert_type

import rmcy
import rmcy.bulk


class Column:
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        raise NotImplementedError


class Frame:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise NotImplementedError


paths = rmcy.PathList(["/bin/sh", b"/bin/sh"])
assert_type(paths[0], str)
assert_type(paths[1:], rmcy.PathList)
assert_type(list(paths), list[str])
assert_type(rmcy.PathList(Column()), rmcy.PathList)
assert_type(rmcy.PathList(Frame()), rmcy.PathList)
assert_type(rmcy.PathList.from_separated(b"/bin/sh\n", b"\n"), rmcy.PathList)
assert_type(rmcy.PathList.from_buffers(array.array("H"), array.array("I", [0])), rmcy.PathList)
assert_type(memoryview(paths).nbytes, int)
assert_type(paths.offsets.nbytes, int)

processes = rmcy.ProcessList([rmcy.UniqueProcess(1, 2), (3, 4)])
assert_type(processes[0], rmcy.UniqueProcess)
assert_type(processes[1:], rmcy.ProcessList)
assert_type(rmcy.ProcessList(bytearray(24)), rmcy.ProcessList)

with rmcy.start() as session:
    assert_type(session.register(paths, processes), rmcy.Registered)
    session.register(Column(), bytearray(12))
    session.register(Frame())
    assert_type(rmcy.who(paths, Column()), rmcy.AffectedList)

    with rmcy.bulk.join([session.key], timeout=1) as joined:
        assert_type(joined, rmcy.bulk.Joined)
        assert_type(joined.sessions, tuple[rmcy.JoinedSession | None, ...])
        assert_type(joined.codes, memoryview[int])
        assert_type(joined.errors, Mapping[int, rmcy.RestartManagerError])
        joined.raise_for_errors()
        first = joined.sessions[0]

    pairs: list[tuple[rmcy.PrimarySession | rmcy.JoinedSession | str, rmcy.PathList]] = [(session, paths)]
    with rmcy.bulk.register(pairs, directories="skip") as registered:
        assert_type(registered, rmcy.bulk.RegisteredAll)
        assert_type(registered.sessions, tuple[rmcy.PrimarySession | rmcy.JoinedSession | None, ...])
        assert_type(registered.registered, tuple[rmcy.Registered | None, ...])
    rmcy.bulk.register([(session, "/bin/sh"), (session.key, [b"/bin/sh"])])
    assert_type(memoryview(session.affected()).nbytes, int)
    assert_type(session.affected().__arrow_c_array__(), tuple[object, object])
