# SPDX-License-Identifier: MIT
"""The records: made by keyword, frozen, comparable, and the same after pickle and copy."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

import rmcy
from rmcy import AffectedApp, AppStatus, AppType, FileUse, SkipCause, UniqueProcess, UseKind

from fix_process import executable, tells_uses
from fix_program import Program

PROCESS = UniqueProcess(pid=4711, start_time=2**63 + 1)
USE = FileUse("/a/\udcff", UseKind.MAPPED, deleted=True, device=2**63, inode=2**64 - 1)
APP = AffectedApp(
    PROCESS,
    "program",
    exe="/bin/program",
    uid=0,
    service="a@b.service",
    service_manager_uid=1000,
    type=AppType.SERVICE,
    status=AppStatus.RUNNING | AppStatus.RESTARTED,
    ts_session_id=3,
    restartable=True,
    uses=[USE],
)
BARE = AffectedApp(PROCESS, "")
REGISTERED = rmcy.Registered(files=1, missing=("a",))
RECORDS = {
    "process": PROCESS,
    "use": USE,
    "app": APP,
    "bare app": BARE,
    "odd app": AffectedApp(PROCESS, "x", type=77, status=0x300, uses=()),  # type: ignore[arg-type]
    "skipped": rmcy.Skipped(cause=SkipCause.BLOCKED, count=2, pids=(1, 2)),
    "stats": rmcy.ListStats(processes=1, scanner="x"),
    "registered": REGISTERED,
    "session": rmcy.SessionInfo(
        slot=0,
        owner=PROCESS,
        state=rmcy.SessionState.FOREIGN,
        secondaries=1,
        records=2,
        started=datetime.now(UTC),
        label="x",
    ),
    "backend": rmcy.backend_info(),
    "step": rmcy.PlanStep(name="x", process=PROCESS, processes=(PROCESS,), action=rmcy.StopAction.UNIT, because=0),
    "program": rmcy.ProgramOutcome(name="x", now=PROCESS, failure=rmcy.Failure("unknown_9"), detail="y", forced=True),
    "progress": rmcy.Progress(phase=rmcy.Phase.RESTART, percent=7, app=rmcy.ProgramOutcome(name="x")),
    "filter": rmcy.Filter(action=rmcy.FilterAction.NO_RESTART, process=PROCESS),
    "plan": rmcy.Plan([rmcy.PlanStep(name="x")], complete=False, force=True),
    "outcome": rmcy.Outcome([rmcy.ProgramOutcome(name="x")], phase=rmcy.Phase("unknown_7"), complete=False),
    "list": rmcy.AffectedList([APP], complete=False, missing=["a"], reboot_reasons=rmcy.RebootReason.DETECTED_SELF),
}


def protocol(number: int) -> Callable[[object], object]:
    return lambda record: pickle.loads(pickle.dumps(record, number))


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize(
    "way",
    [*(protocol(number) for number in range(pickle.HIGHEST_PROTOCOL + 1)), copy.copy, copy.deepcopy],
    ids=[*(f"pickle {number}" for number in range(pickle.HIGHEST_PROTOCOL + 1)), "copy", "deepcopy"],
)
def test_a_record_survives(name: str, way: Callable[[object], object]) -> None:
    record = RECORDS[name]
    again = way(record)
    assert type(again) is type(record)
    assert again == record
    assert hash(again) == hash(record)
    assert repr(again) == repr(record)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_frozen(name: str) -> None:
    record = RECORDS[name]
    attribute = next(word for word in dir(record) if not word.startswith("_"))
    # A frozen dataclass with slots raises TypeError for a name that it does not have.
    with pytest.raises((AttributeError, FrozenInstanceError)):
        setattr(record, attribute, 1)
    with pytest.raises((AttributeError, TypeError)):
        record.another = 1  # type: ignore[attr-defined]


def test_records_differ_by_each_field() -> None:
    assert UniqueProcess(1, 2) == UniqueProcess(start_time=2, pid=1)
    assert UniqueProcess(1, 2) != UniqueProcess(1, 3)
    assert UniqueProcess(1, 2) != UniqueProcess(2, 2)
    assert UniqueProcess(1, 2) != (1, 2)
    for change in ({"files": 2}, {"services": 1}, {"missing": ()}, {"denied": ["b"]}, {"skipped": ["b"]}):
        assert REGISTERED.__replace__(**change) != REGISTERED
    assert REGISTERED != (1, 0, 0, ("a",), (), ())
    for change in ({"path": "b"}, {"kind": "open"}, {"deleted": False}, {"device": 1}, {"inode": 1}):
        assert USE.__replace__(**change) != USE
    changes: list[dict[str, object]] = [
        {"process": UniqueProcess(1, 1)},
        {"name": "x"},
        {"exe": None},
        {"uid": None},
        {"service": None},
        {"service_manager_uid": None},
        {"type": 0},
        {"status": 0},
        {"ts_session_id": None},
        {"restartable": False},
        {"uses": None},
    ]
    for change in changes:
        assert APP.__replace__(**change) != APP
    assert APP.__replace__() == APP
    assert len({APP, APP.__replace__(), BARE}) == 2


def test_the_defaults_of_an_app_know_nothing() -> None:
    assert (BARE.exe, BARE.uid, BARE.service, BARE.service_manager_uid, BARE.ts_session_id, BARE.uses) == (None,) * 6
    assert (BARE.type, BARE.status, BARE.restartable) == (AppType.UNKNOWN, AppStatus.UNKNOWN, False)
    assert type(APP.restartable) is bool
    assert APP.uses == (USE,)


def test_what_was_registered_says_so_by_name() -> None:
    assert repr(REGISTERED) == "Registered(files=1, processes=0, services=0, missing=('a',), denied=(), skipped=())"
    assert rmcy.Registered() == rmcy.Registered(files=0, processes=0, services=0, missing=[], denied=[], skipped=[])
    assert rmcy.Registered(missing=["a"]).missing == ("a",)
    assert rmcy.Registered.__match_args__ == ()
    assert len({REGISTERED, REGISTERED.__replace__(), rmcy.Registered()}) == 2


def test_records_can_be_matched() -> None:
    match PROCESS:
        case UniqueProcess(pid, start_time):
            assert (pid, start_time) == (4711, 2**63 + 1)
        case _:
            pytest.fail("no match")
    match USE:
        case FileUse(path, UseKind.MAPPED):
            assert path == "/a/\udcff"
        case _:
            pytest.fail("no match")
    match APP:
        case AffectedApp(UniqueProcess(4711), name):
            assert name == "program"
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UniqueProcess("1", 2), "pid must be an int, not str"),
        (lambda: UniqueProcess(1, 2.0), "start_time must be an int, not float"),
        (lambda: FileUse(1, "open"), "path must be a str"),
        (lambda: AffectedApp((1, 2), "x"), "process must be a UniqueProcess"),
        (lambda: AffectedApp(PROCESS, b"x"), "name must be a str"),
        (lambda: AffectedApp(PROCESS, "x", uses=["a"]), "uses must hold FileUse records"),
        (lambda: AffectedApp(PROCESS, "x", uid="root"), "uid must be an int"),
        (lambda: rmcy.Registered(files="1"), "files must be an int, not str"),
        (lambda: rmcy.Registered(missing=["a", b"b"]), r"missing\[1\] must be a str, not bytes"),
        (lambda: rmcy.Registered(denied="a"), "denied must hold names"),
        (lambda: rmcy.Registered(1), "positional"),
    ],
)
def test_a_field_of_another_type_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: UniqueProcess(-1, 0),
        lambda: UniqueProcess(0, 2**64),
        lambda: FileUse("x", "eaten"),
        lambda: rmcy.Registered(files=-1),
    ],
)
def test_a_value_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must be between|is not a valid UseKind"):
        make()


def test_records_are_final() -> None:
    for kind in (UniqueProcess, FileUse, AffectedApp, rmcy.Registered):
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Derived", (kind,), {})


def test_from_pid_gives_the_same_process_each_time() -> None:
    process = UniqueProcess.from_pid(os.getpid())
    assert process.pid == os.getpid()
    assert process.start_time > 0
    assert process == UniqueProcess.from_pid(os.getpid())


def test_from_pid_of_nobody_raises(run_program: Callable[..., Program]) -> None:
    program = run_program('print("ready", flush=True)')
    program.kill()
    with pytest.raises(ProcessLookupError, match="no process has that pid") as caught:
        UniqueProcess.from_pid(program.pid)
    assert isinstance(caught.value, rmcy.ProcessNotFoundError)
    assert (caught.value.code, caught.value.function) == (2, "RmxGetProcess")


@pytest.mark.parametrize("pid", [-1, 2**32])
def test_from_pid_out_of_range_raises(pid: int) -> None:
    with pytest.raises(ValueError, match="pid must be between 0 and"):
        UniqueProcess.from_pid(pid)


def test_a_list_decodes_what_a_program_holds(held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    (app,) = rmcy.who(path)
    assert app.process == UniqueProcess.from_pid(holder.pid)
    assert app.exe is not None
    assert os.path.samefile(app.exe, executable(holder.pid))
    assert app.status == AppStatus.RUNNING
    assert isinstance(app.type, AppType)
    assert tells_uses(app, str(path))


@pytest.mark.linux("Windows tells who uses a file, not how")
def test_a_list_tells_how_a_program_holds_a_file(held_file: tuple[Path, Program]) -> None:
    path, holder = held_file
    (app,) = rmcy.who(path)
    status = path.stat()
    assert app.exe == executable(holder.pid)
    assert app.uid == os.geteuid()
    assert app.uses == (
        FileUse(
            str(path),
            UseKind.OPEN,
            device=os.major(status.st_dev) << 32 | os.minor(status.st_dev),
            inode=status.st_ino,
        ),
    )


@pytest.mark.linux("a program of Windows has its description for a name")
@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 24, 63, 127])
@pytest.mark.parametrize("character", ["x", "é"])
def test_a_name_of_any_length_is_read(length: int, character: str, tmp_path: Path) -> None:
    name = character * length
    program = shutil.copy("/bin/cat", tmp_path / name)
    with subprocess.Popen([program], stdin=subprocess.PIPE):
        assert [app.name for app in rmcy.who(program)] == [name]


@pytest.mark.linux("on Windows a file that is open cannot be deleted")
def test_a_deleted_file_is_marked(session: rmcy.PrimarySession, held_file: tuple[Path, Program]) -> None:
    path, _ = held_file
    session.register(path)
    path.unlink()
    (app,) = session.affected()
    assert app.uses is not None
    assert [use.deleted for use in app.uses] == [True]


@pytest.mark.linux("Windows tells who uses a file, not how")
def test_names_are_shared_between_uses(tmp_path: Path, run_program: Callable[..., Program]) -> None:
    path = tmp_path / "held"
    path.write_text("x")
    run_program('import sys\na, b = open(sys.argv[1]), open(sys.argv[1])\nprint("ready", flush=True)', str(path))
    run_program('import sys\na = open(sys.argv[1])\nprint("ready", flush=True)', str(path))
    names = [use.path for app in rmcy.who(path) for use in app.uses or ()]
    assert len(names) == 2
    assert names[0] is names[1]


def test_what_was_told_cannot_be_changed() -> None:
    told = rmcy.Registered(files=1)
    with pytest.raises(TypeError, match="cannot be changed"):
        told.__init__(files=2)  # type: ignore[misc]
    assert told.files == 1
