# SPDX-License-Identifier: MIT
"""PyPI's `restartmgr`, which nobody here wrote and which knows nothing of rmcy, on what rmcy's sessions are made of.

It calls Rstrtmgr.dll by ctypes: Windows' own, or the one that stands for it under Wine. It is fetched for the tests.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import rmcy

from fix_program import Program

pytestmark = [
    pytest.mark.windows("it calls Rstrtmgr.dll"),
    pytest.mark.skipif(sys.version_info < (3, 12), reason="restartmgr needs Python 3.12"),
]


@pytest.fixture
def restartmgr() -> ModuleType:
    return importlib.import_module("restartmgr")


def test_its_answer_is_that_of_rmcy(restartmgr: ModuleType, held_file: tuple[Path, Program]) -> None:
    path, program = held_file
    (its,) = restartmgr.who_locks(path)
    (ours,) = rmcy.who(path)
    assert its.pid == ours.process.pid == program.pid
    assert its.app_name == ours.name
    assert its.service_short_name is None
    assert int(its.app_type) == ours.type
    assert int(its.app_status) == ours.status
    assert its.restartable == ours.restartable
    whole = restartmgr.get_locking_processes(path)
    assert whole.processes == (its,)
    assert int(whole.reboot_reason) == rmcy.who(path).reboot_reasons


def test_nobody(restartmgr: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "unused"
    path.touch()
    assert restartmgr.who_locks(path) == []


def test_rmcy_joins_its_session(restartmgr: ModuleType, held_file: tuple[Path, Program]) -> None:
    path, program = held_file
    with restartmgr.RmSession() as session:
        assert re.fullmatch("[0-9a-fA-F]{32}", session.session_key)
        with rmcy.join(session.session_key) as joined:
            joined.register(files=[path])
        infos, _reasons = session.get_list()
        assert [info.Process.dwProcessId for info in infos] == [program.pid]


def test_it_stops_and_brings_back(restartmgr: ModuleType, held_file: tuple[Path, Program]) -> None:
    """The program has registered nothing: it ends, and that it stays so is no failure."""
    path, program = held_file
    stopping: list[int] = []
    starting: list[int] = []
    with restartmgr.RmSession() as session:
        session.register_files([str(path)])
        session.shutdown(status_callback=stopping.append)
        program.process.wait()
        session.restart(status_callback=starting.append)
        infos, _reasons = session.get_list()
        assert [info.Process.dwProcessId for info in infos] == [program.pid]
        assert infos[0].AppStatus & restartmgr.RmAppStatus.STOPPED
    for told in (stopping, starting):
        assert told == sorted(set(told))
        assert told
        assert told[-1] == 100


def test_it_is_told_the_codes(restartmgr: ModuleType) -> None:
    with restartmgr.RmSession() as session:
        with pytest.raises(restartmgr.RestartError) as too_early:
            session.restart()
        assert too_early.value.error_code == 776
