# SPDX-License-Identifier: MIT
"""What a client reads from an answer, and the types that it gets."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import assert_type

import rmcy
from rmcy.schema import AffectedAppDict, AffectedListDict, FileUseDict

answer = rmcy.who("/bin/sh").raise_if_incomplete()
assert_type(answer, rmcy.AffectedList)
assert_type(answer[0], rmcy.AffectedApp)
assert_type(answer[1:], tuple[rmcy.AffectedApp, ...])
assert_type(len(answer), int)
assert_type(answer.complete, bool)
assert_type(answer.free, bool)
assert_type(answer.missing, tuple[str, ...])
assert_type(answer.skipped, tuple[rmcy.Skipped, ...])
assert_type(answer.skipped[0].cause, rmcy.SkipCause)
assert_type(answer.skipped[0].pids, tuple[int, ...])
assert_type(answer.reboot_reasons, rmcy.RebootReason)
assert_type(answer.reboot_reasons.words, tuple[str, ...])
assert_type(answer.stats, rmcy.ListStats)
assert_type(answer.stats.nanoseconds, int)
assert_type(answer.numbers(), dict[rmcy.NumberColumn, memoryview])
sequence: Sequence[rmcy.AffectedApp] = answer

for app in answer:
    assert_type(app, rmcy.AffectedApp)
    assert_type(app.process, rmcy.UniqueProcess)
    assert_type(app.process.start_time, int)
    assert_type(app.name, str)
    assert_type(app.exe, str | None)
    assert_type(app.uid, int | None)
    assert_type(app.service, str | None)
    assert_type(app.service_manager_uid, int | None)
    assert_type(app.type, rmcy.AppType)
    assert_type(app.status, rmcy.AppStatus)
    assert_type(app.ts_session_id, int | None)
    assert_type(app.restartable, bool)
    assert_type(app.uses, tuple[rmcy.FileUse, ...] | None)
    for use in app.uses or ():
        assert_type(use.path, str)
        assert_type(use.kind, rmcy.UseKind)
        assert_type(use.deleted, bool)
        assert_type(use.device, int)
        assert_type(use.inode, int)
    assert_type(app.__replace__(name="x"), rmcy.AffectedApp)

document = answer.to_dict()
assert_type(document, AffectedListDict)
assert_type(document["apps"], list[AffectedAppDict])
assert_type(document["apps"][0]["uses"], list[FileUseDict] | None)
assert_type(rmcy.AffectedList.from_dict(document), rmcy.AffectedList)
text: str = json.dumps(document)

made = rmcy.AffectedList([], complete=True, reboot_reasons=rmcy.RebootReason.DETECTED_SELF)
process = rmcy.UniqueProcess(pid=1, start_time=2)
record = rmcy.AffectedApp(process, "name", type=rmcy.AppType.SERVICE, uses=[rmcy.FileUse("/x", rmcy.UseKind.OPEN)])
assert_type({process: 1}, dict[rmcy.UniqueProcess, int])

match process:
    case rmcy.UniqueProcess(pid, start):
        assert_type(pid, int)
        assert_type(start, int)

info = rmcy.sessions()[0]
assert_type(info.started, datetime)
assert_type(info.state, rmcy.SessionState)
assert_type(info.slot, int | None)
assert_type(info.stopped, int)
